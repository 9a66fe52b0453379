//! `logvm show`, `logvm flows`, `logvm dns`: records in the order of time.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use anyhow::anyhow;

use super::{Status, archive, args, summary, when};
use crate::escape::{Form, escape};
use crate::query::schema::{FIELDS, Field};
use crate::query::{self, Filter, Results};
use crate::record::{Kind, Timestamp};
use crate::report::records::{Extent, Printer};
use crate::store::{Snapshot, Table};

/// Which records a command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Entries and packets.
    Records,
    /// Flows.
    Flows,
    /// DNS exchanges.
    Dns,
}

impl What {
    fn wants(self, table: &Table) -> bool {
        let has = |kind: Kind| table.info.counts[kind as usize] > 0;
        match self {
            Self::Records => !table.info.derived,
            Self::Flows => has(Kind::Flow),
            Self::Dns => has(Kind::Dns),
        }
    }
}

/// Reads the archive and prints those of its records that match.
pub fn run(args: &args::Show, what: What) -> anyhow::Result<Status> {
    let expression = args.filter.as_deref().unwrap_or_default();
    compile(expression, &query::Context::default()).or_else(|error| retry(expression, error))?;
    let (snapshot, _) = archive::read(&args.archive)?;
    let context = query::Context { cursor: None, day: first_time(&snapshot) };
    let filter = compile(expression, &context)?;
    let extent = Extent {
        context: args.context,
        limit: args.limit,
        since: args.since.as_deref().map(|text| when::moment(text, &context)).transpose()?,
        until: args.until.as_deref().map(|text| when::moment(text, &context)).transpose()?,
    };
    let wanted = |table: &Table| what.wants(table);
    let results = matching(&filter, &snapshot, &wanted);
    let (matches, all) = (results.timeline(&snapshot, wanted), snapshot.timeline(wanted));
    let mut out = archive::stdout();
    let printed =
        Printer::new(&snapshot, summary::format(args.output, args.ascii), &mut out).print(&matches, &all, extent)?;
    out.flush()?;
    Ok(Status::of(printed > 0, archive::report_problems(&snapshot)))
}

/// An expression that only lacks the day of its times is checked again once the archive has been read.
fn retry(expression: &str, error: anyhow::Error) -> anyhow::Result<Filter> {
    let some_day = query::Context { cursor: None, day: Some(Timestamp(0)) };
    compile(expression, &some_day).map_err(|_| error)
}

fn matching(filter: &Filter, snapshot: &Snapshot, wanted: &dyn Fn(&Table) -> bool) -> Results {
    let mut results = Results::default();
    let known = Results::default();
    query::scan(filter, snapshot, wanted, None, &known, &AtomicBool::new(false), &mut |found| results.add(found));
    results
}

fn first_time(snapshot: &Snapshot) -> Option<Timestamp> {
    snapshot.tables().filter_map(|table| table.span()).map(|span| span.0).min()
}

/// Compiles a filter.
fn compile(expression: &str, context: &query::Context) -> anyhow::Result<Filter> {
    Filter::compile(expression, context).map_err(|error| explain(expression, &error))
}

/// What is wrong with a filter, with the place marked below it.
pub fn explain(expression: &str, error: &query::Error) -> anyhow::Error {
    let before = expression.get(..error.at.start).unwrap_or(expression);
    let shown = |text: &str| escape(text.as_bytes(), Form::default()).into_owned();
    let blanks = " ".repeat(shown(before).chars().count());
    let marked = expression.get(error.at.clone()).map_or(1, |part| shown(part).chars().count().max(1));
    anyhow!("the filter is wrong at {error}\n  {}\n  {blanks}{}", shown(expression), "^".repeat(marked))
}

/// Prints the fields that filters know.
pub fn fields() -> anyhow::Result<Status> {
    let mut out = archive::stdout();
    let longest = |text: fn(&Field) -> &'static str| FIELDS.iter().map(|field| text(field).len()).max().unwrap_or(0);
    let (names, types) = (longest(|field| field.name), longest(|field| field.value_type.name()));
    for field in FIELDS {
        writeln!(out, "{:<names$}  {:<types$}  {}", field.name, field.value_type.name(), field.doc)?;
    }
    out.flush()?;
    Ok(Status::Found)
}

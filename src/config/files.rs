//! Finds and reads configuration files: a user's own, else the ones built in; files may inherit from one another.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::{Error, Place, suggest};

/// A configuration file is at most this many bytes.
const MAX_FILE: u64 = 1 << 20;

/// A configuration file that was read.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file as errors name it.
    pub file: Arc<str>,
    /// Its name without folder and extension.
    stem: String,
    built_in: bool,
    text: Cow<'static, str>,
}

impl Document {
    /// The place of a byte of the file.
    #[must_use]
    pub fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Place { file: Arc::clone(&self.file), line, column }
    }

    /// Reads the TOML into `T`.
    ///
    /// # Errors
    /// When it is no TOML, or not of that form.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        toml::from_str(&self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            self.place(offset).error(error.message().replace('\n', "; "))
        })
    }
}

/// A file that may inherit from another of its kind.
pub trait Inherits {
    /// The name or path of the file it inherits from.
    fn parent(&self) -> Option<&Spanned<String>>;
}

/// The files of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    /// The folder under the configuration's home.
    pub folder: &'static str,
    /// What one file is called in errors.
    pub noun: &'static str,
    /// Names and contents of the files that are built in.
    pub built_in: &'static [(&'static str, &'static str)],
}

impl Shelf {
    /// Reads the file of that name or path and all that it inherits from, the root first.
    ///
    /// # Errors
    /// When one of them is not found, not readable, not of its form, or inherits from itself.
    pub fn read<T>(&self, name: &str, home: Option<&Path>) -> Result<Vec<(Document, T)>, Error>
    where
        T: DeserializeOwned + Inherits,
    {
        let mut document = self.find(name, home).map_err(|message| Place::whole(name).error(message))?;
        let mut chain: Vec<(Document, T)> = Vec::new();
        loop {
            let parsed: T = document.parse()?;
            let parent = parsed.parent().map(|name| (name.get_ref().clone(), document.place(name.span().start)));
            chain.push((document, parsed));
            let Some((parent, place)) = parent else { break };
            document = self.parent(&parent, &chain, home).map_err(|message| place.error(message))?;
        }
        chain.reverse();
        Ok(chain)
    }

    fn parent<T>(&self, name: &str, chain: &[(Document, T)], home: Option<&Path>) -> Result<Document, String> {
        // A user's `dark.toml` may build on the built-in one of the same name.
        let own = chain.last().is_some_and(|(child, _)| child.stem == name && !child.built_in);
        let parent = if own { self.find(name, None) } else { self.find(name, home) }?;
        if chain.iter().any(|(document, _)| document.file == parent.file) {
            return Err(format!("{name:?} inherits from itself"));
        }
        Ok(parent)
    }

    fn find(&self, name: &str, home: Option<&Path>) -> Result<Document, String> {
        if name.contains('/') || name.ends_with(".toml") {
            return open(Path::new(name)).map_err(|error| format!("cannot read the {}: {error}", self.noun));
        }
        if let Some(path) = home.map(|home| home.join(self.folder).join(format!("{name}.toml"))) {
            match open(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                result => return result.map_err(|error| format!("cannot read {}: {error}", path.display())),
            }
        }
        let built_in = self.built_in.iter().find(|(known, _)| *known == name);
        built_in.map(|(name, text)| document(name, text)).ok_or_else(|| self.unknown(name))
    }

    fn unknown(&self, name: &str) -> String {
        let known = || self.built_in.iter().map(|(name, _)| *name);
        match suggest(name, known()) {
            Some(near) => format!("unknown {} {name:?}; did you mean {near:?}?", self.noun),
            None => {
                format!("unknown {} {name:?}; expected a path or {}", self.noun, known().collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn document(name: &str, text: &'static str) -> Document {
    let file = Arc::from(format!("(built in) {name}.toml"));
    Document { file, stem: name.to_owned(), built_in: true, text: Cow::Borrowed(text) }
}

fn open(path: &Path) -> std::io::Result<Document> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE {
        return Err(std::io::Error::other("more than 1 MiB"));
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Document { file: Arc::from(path.display().to_string()), stem, built_in: false, text: Cow::Owned(text) })
}

//! Finds and reads configuration files: a user's own, else the ones built in; files may inherit from one another.

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::{Error, Place, suggest};

/// A configuration file is at most this many bytes.
const MAX_FILE: u64 = 1 << 20;
/// At most this many files inherit from one another. Different paths to one file cannot make a circle that goes on.
const MAX_CHAIN: usize = 16;

/// A configuration file that was read.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file as errors name it.
    pub file: Arc<str>,
    /// Its name without folder and extension.
    stem: String,
    /// Where it was read from; none when it is built in.
    path: Option<PathBuf>,
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
            self.place(offset).error(error.message().trim_end().replace('\n', "; "))
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
        let child = chain.last().map(|(document, _)| document);
        let parent = match child.and_then(|child| Some((child, child.path.as_deref()?))) {
            Some((_, path)) if is_path(name) => self.open(&path.with_file_name("").join(name)),
            // A user's `dark.toml` may build on the built-in one of the same name.
            Some((child, _)) if child.stem == name => self.find(name, None),
            _ => self.find(name, home),
        }?;
        if chain.iter().any(|(document, _)| document.file == parent.file) {
            return Err(format!("{name:?} inherits from itself"));
        }
        if chain.len() >= MAX_CHAIN {
            return Err(format!("more than {MAX_CHAIN} files inherit from one another"));
        }
        Ok(parent)
    }

    fn find(&self, name: &str, home: Option<&Path>) -> Result<Document, String> {
        if is_path(name) {
            return self.open(Path::new(name));
        }
        if let Some(path) = home.map(|home| home.join(self.folder).join(format!("{name}.toml")))
            && path.exists()
        {
            return self.open(&path);
        }
        let built_in = self.built_in.iter().find(|(known, _)| *known == name);
        built_in.map(|(name, text)| built_in_document(name, text)).ok_or_else(|| self.unknown(name))
    }

    fn open(&self, path: &Path) -> Result<Document, String> {
        open(path).map_err(|error| format!("cannot read the {} {}: {error}", self.noun, path.display()))
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

/// Whether a theme or keymap is given by its path rather than by its name.
fn is_path(name: &str) -> bool {
    name.contains('/') || name.ends_with(".toml")
}

fn built_in_document(name: &str, text: &'static str) -> Document {
    let file = Arc::from(format!("(built in) {name}.toml"));
    Document { file, stem: name.to_owned(), path: None, text: Cow::Borrowed(text) }
}

fn open(path: &Path) -> std::io::Result<Document> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE {
        return Err(std::io::Error::other("more than 1 MiB"));
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let file = Arc::from(path.display().to_string());
    Ok(Document { file, stem, path: Some(path.to_owned()), text: Cow::Owned(text) })
}

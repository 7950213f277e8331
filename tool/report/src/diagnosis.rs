//! What is wrong in a file of the project, shown at its place there.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str};
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// More than this is noise: the first error of a kind usually causes the rest.
const SHOWN: usize = 20;

/// One thing that is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in one sentence.
    pub message: String,
    /// The bytes of the file it is about, if it is about a place.
    pub span: Option<Range<usize>>,
    /// A few words beside the place.
    pub label: Option<String>,
    /// What to do.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// Something wrong with the file as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), span: None, label: None, hints: Vec::new() }
    }

    /// Something wrong at a place.
    pub fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span: Some(span), ..Self::new(message) }
    }

    /// Adds words beside the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// Everything that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Its text, empty when it could not be read.
    pub text: Arc<str>,
    /// What is wrong, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

impl Diagnosis {
    /// What is wrong in the text of a file, in any order.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by_key(|diagnostic| diagnostic.span.as_ref().map_or(0, |span| span.start));
        Self { path: path.into(), text: text.into(), diagnostics }
    }

    /// The errors as a person reads them, with colours if `styled`. Lines of the file that are longer than `width` are
    /// cut around what is wrong in them.
    #[must_use]
    pub fn render(&self, styled: bool, width: Option<usize>) -> String {
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        let mut renderer = renderer.decor_style(DecorStyle::Unicode);
        if let Some(width) = width {
            renderer = renderer.term_width(width);
        }
        let mut parts: Vec<String> =
            self.diagnostics.iter().take(SHOWN).map(|diagnostic| self.render_one(diagnostic, &renderer)).collect();
        if self.diagnostics.len() > SHOWN {
            parts.push(format!("… and {} more", self.diagnostics.len() - SHOWN));
        }
        parts.join("\n\n")
    }

    fn render_one(&self, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
        let mut group = Group::with_title(Level::ERROR.primary_title(diagnostic.message.as_str()));
        let path = self.path.display().to_string();
        if let Some(span) = &diagnostic.span {
            let annotation =
                AnnotationKind::Primary.span(self.first_line(span)).label(diagnostic.label.as_deref().unwrap_or(""));
            group = group.element(Snippet::source(&*self.text).path(path).annotation(annotation));
        }
        for hint in &diagnostic.hints {
            group = group.element(Level::HELP.with_name("hint").message(normalize_untrusted_str(hint)));
        }
        renderer.render(&[group])
    }

    /// A mapping may go on for a page: its first line says enough.
    fn first_line(&self, span: &Range<usize>) -> Range<usize> {
        let start = span.start.min(self.text.len());
        let text = self.text.get(start..span.end.clamp(start, self.text.len())).unwrap_or("");
        let line = text.lines().next().unwrap_or("").trim_end();
        start..start + line.len()
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false, None))
    }
}

impl std::error::Error for Diagnosis {}

//! Sources: Rust as tokens, in which texts are told from code, and others as text.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::path::{Path, PathBuf};

/// The Rust files below a folder.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    files(folder, "rs")
}

/// The files below a folder whose names end so.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let (mut files, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The tokens of a file.
pub fn tokens(file: &Path) -> TokenStream {
    std::fs::read_to_string(file).unwrap().parse().unwrap()
}

/// How many tokens an item has that is here for tests alone; nothing where none begins.
pub fn tests(tokens: &[TokenTree]) -> Option<usize> {
    let [TokenTree::Punct(sign), TokenTree::Group(attribute), ..] = tokens else { return None };
    if sign.as_char() != '#' || attribute.stream().to_string().replace(' ', "") != "cfg(test)" {
        return None;
    }
    // Up to its body or semicolon.
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => sign.as_char() == ';',
        _ => false,
    };
    Some(tokens.iter().position(ends).map_or(tokens.len(), |end| end + 1))
}

/// How many tokens a line of documentation is; nothing where none begins.
fn documentation(tokens: &[TokenTree]) -> Option<usize> {
    let [TokenTree::Punct(sign), rest @ ..] = tokens else { return None };
    let inner = matches!(rest, [TokenTree::Punct(mark), ..] if mark.as_char() == '!');
    let attribute = rest.get(usize::from(inner)).filter(|_| sign.as_char() == '#')?;
    let TokenTree::Group(attribute) = attribute else { return None };
    let is_doc = attribute.stream().into_iter().next().is_some_and(|word| word.to_string() == "doc");
    is_doc.then_some(2 + usize::from(inner))
}

/// Visits every name and literal, in groups as well; those of tests only `with_tests`.
pub fn visit(tokens: TokenStream, with_tests: bool, visitor: &mut impl FnMut(&TokenTree)) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        if let Some(length) = documentation(rest).or_else(|| tests(rest).filter(|_| !with_tests)) {
            at += length;
            continue;
        }
        match &tokens[at] {
            TokenTree::Group(group) => visit(group.stream(), with_tests, visitor),
            token => visitor(token),
        }
        at += 1;
    }
}

//! What comments cite.

/// The comments of a file, each as one text.
pub fn comments(text: &str, mark: &[&str]) -> Vec<String> {
    let mut comments = vec![String::new()];
    for line in text.lines() {
        match mark.iter().find_map(|mark| line.trim_start().strip_prefix(mark)) {
            Some(comment) => comments.iter_mut().last().into_iter().for_each(|last| *last += &format!("{comment} ")),
            None => comments.push(String::new()),
        }
    }
    comments.retain(|comment| !comment.is_empty());
    comments
}

/// The tests of LocalStack's that a comment cites for a recorded answer: those after the word, up to what is only
/// asserted on AWS.
pub fn recordings(comment: &str) -> Vec<String> {
    let (mut recorded, mut cited) = (false, Vec::new());
    for word in comment.split(|c: char| !c.is_alphanumeric() && c != '_') {
        match word {
            "recorded" | "Recorded" => recorded = true,
            "asserted" | "Asserted" => recorded = false,
            name if recorded && name.starts_with("test_") => cited.push(name.to_owned()),
            _ => {}
        }
    }
    cited
}

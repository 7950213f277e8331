//! Names of the project as CloudFormation's logical ids.

/// The part of a logical id that stands for a stage or a table: `dev` → `Dev`, `my_table` → `MyTable`.
///
/// The rule is the original's, Python's `str.title()`, so that stacks keep their resources; characters that a
/// logical id may not have are left out.
#[must_use]
pub fn logical_name(name: &str) -> String {
    let mut logical = String::with_capacity(name.len());
    let mut within_word = false;
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            logical.push(if within_word { character.to_ascii_lowercase() } else { character.to_ascii_uppercase() });
        }
        within_word = character.is_ascii_alphabetic();
    }
    logical
}

/// Whether a project may have this name. It is the stack's name, so CloudFormation's rule holds.
#[must_use]
pub fn valid_project_name(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
}

/// Whether a project may have this id. It is the value of a tag.
pub fn valid_project_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The name nearest to `text` that a project may have.
pub fn nearest_project_name(text: &str) -> String {
    let name: String =
        text.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect();
    let name = name.trim_matches(|character: char| character == '-').trim_start_matches(|c: char| c.is_ascii_digit());
    let name = name.trim_start_matches('-');
    if name.is_empty() { "project".to_owned() } else { name.chars().take(128).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_names_are_title_case_without_illegal_characters() {
        for (name, expected) in [
            ("dev", "Dev"),
            ("myTable", "Mytable"),
            ("my_table", "MyTable"),
            ("my-table.v2", "MyTableV2"),
            ("a1b", "A1B"),
            ("PROD", "Prod"),
            ("--", ""),
        ] {
            assert_eq!(logical_name(name), expected, "{name}");
        }
    }

    #[test]
    fn project_names_are_stack_names() {
        for (name, valid) in [("tasks", true), ("a-1", true), ("1a", false), ("a_b", false), ("", false), ("-a", false)]
        {
            assert_eq!(valid_project_name(name), valid, "{name}");
        }
        for (text, expected) in [("my_app", "my-app"), ("1x", "x"), ("__", "project"), ("-a b", "a-b")] {
            assert_eq!(nearest_project_name(text), expected);
        }
    }
}

//! AWS's names in Rust's style.

use super::model::{Service, ShapeRef};

/// `FunctionName` → `function_name`, `KMSKeyArn` → `kms_key_arn`, `type` → `r#type`.
pub fn field(name: &str) -> String {
    let snake = snake(name);
    let keyword = ["type", "match", "ref", "use", "in", "move", "static", "final", "default", "where", "loop", "if"];
    if keyword[..].contains(&snake.as_str()) && snake != "default" { format!("r#{snake}") } else { snake }
}

fn snake(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut result = String::new();
    for (index, character) in characters.iter().enumerate() {
        if !character.is_ascii_alphanumeric() {
            result.push('_');
            continue;
        }
        let previous = index.checked_sub(1).map(|previous| characters[previous]);
        let next = characters.get(index + 1);
        let word_begins = character.is_ascii_uppercase()
            && previous.is_some_and(|previous| {
                previous.is_ascii_lowercase()
                    || previous.is_ascii_digit()
                    || (previous.is_ascii_uppercase() && next.is_some_and(char::is_ascii_lowercase))
            });
        if word_begins {
            result.push('_');
        }
        result.push(character.to_ascii_lowercase());
    }
    result
}

/// A shape's name as a Rust type: the first letter upper case.
pub fn type_name(shape: &str) -> String {
    let cleaned = shape.trim_start_matches('_');
    let mut characters = cleaned.chars();
    match characters.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + characters.as_str(),
        None => shape.to_owned(),
    }
}

/// The type of an operation's output.
pub fn output_name(operation: &str, output: Option<&ShapeRef>) -> String {
    output.map_or_else(|| format!("{operation}Output"), |output| type_name(&output.shape))
}

/// The type of a structure: inputs are named after their operations.
pub fn structure_name(service: &Service, shape: &str) -> String {
    service.inputs().get(shape).map_or_else(|| type_name(shape), |operation| (*operation).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found() {
        for (name, expected) in [
            ("FunctionName", "function_name"),
            ("KMSKeyArn", "kms_key_arn"),
            ("restApiId", "rest_api_id"),
            ("CodeSha256", "code_sha256"),
            ("SSEKMSKeyId", "ssekms_key_id"),
            ("type", "r#type"),
        ] {
            assert_eq!(field(name), expected);
        }
    }
}

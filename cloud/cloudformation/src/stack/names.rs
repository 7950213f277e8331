//! Physical names and ARNs.

use crate::resources::Naming;
use slam_cloud_core::{Context, id};

/// The random part of a physical name.
const SUFFIX: usize = 12;

/// `<stack>-<logical id>-<random>`, or with the type's own beginning, shortened to the type's longest name.
pub fn physical(stack: &str, logical_id: &str, naming: Naming) -> String {
    let stack = naming.beginning.unwrap_or(stack);
    let room = naming.longest.saturating_sub(SUFFIX + 2);
    // The logical id tells more than the stack's name, which other resources carry too.
    let logical: String = logical_id.chars().take(room.max(1) - room / 3).collect();
    let stack: String = stack.chars().take(room.saturating_sub(logical.len())).collect();
    let name = format!("{}-{logical}-{}", stack.trim_end_matches('-'), id::upper_alphanumeric(SUFFIX));
    let name = name.trim_start_matches('-').to_owned();
    if naming.lower_case { name.to_ascii_lowercase() } else { name }
}

/// A stack's ARN.
pub fn stack_arn(context: &Context, name: &str) -> String {
    context.arn("cloudformation", format!("stack/{name}/{}", id::request_id()))
}

/// A change set's ARN.
pub fn change_set_arn(context: &Context, name: &str) -> String {
    context.arn("cloudformation", format!("changeSet/{name}/{}", id::request_id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stack: &str, logical_id: &str, longest: usize, expected_start: &str) {
        let name = physical(stack, logical_id, Naming::apart(longest));
        assert!(name.starts_with(expected_start), "{name}");
        assert!(name.len() <= longest, "{name} is longer than {longest}");
    }

    #[test]
    fn a_name_carries_stack_and_logical_id() {
        check("tasks", "Function", 64, "tasks-Function-");
    }

    #[test]
    fn a_type_may_name_after_the_logical_id_alone() {
        let name = physical("tasks", "Secret", Naming::apart(64).beginning(""));
        assert!(name.starts_with("Secret-") && name.len() == "Secret-".len() + SUFFIX, "{name}");
    }

    #[test]
    fn a_long_name_is_cut_to_the_limit() {
        check(&"s".repeat(128), &"L".repeat(255), 64, "ssss");
        check(&"s".repeat(128), "Function", 63, "ssss");
    }
}

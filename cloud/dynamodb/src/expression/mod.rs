//! DynamoDB's expressions, as far as they must be understood before and after the engine.
//!
//! The engine looks for the table before it reads most of an expression, reads some only when there is an item, and
//! follows an expression as deep as it goes. So expressions are read here first, within AWS's limits, in AWS's order of
//! errors.
//!
//! - [`token`]: words and signs, and AWS's syntax error.
//! - [`path`]: document paths.
//! - [`condition`], [`update`], [`projection`]: the grammars.
//! - [`key_condition`]: what a condition of keys may be, of all that conditions can.
//! - [`faults`]: what is wrong with an expression besides its syntax, in AWS's order.
//! - [`attributes`]: `ExpressionAttributeNames` and `ExpressionAttributeValues`.
//! - [`request`]: where a request has expressions.

mod attributes;
mod condition;
mod faults;
mod key_condition;
pub mod path;
mod projection;
pub mod request;
mod token;
mod update;

/// Operators and functions of one expression (Developer Guide, "Quotas in Amazon DynamoDB": 300).
const OPERATORS: usize = 300;
/// Operands of `IN` (there: 100).
const IN_OPERANDS: usize = 100;
/// Bytes of one expression (there: 4 KB).
const BYTES: usize = 4096;

/// What can be told of an expression before it is read.
fn size(expression: &str) -> Result<(), String> {
    match expression.len() {
        0 => Err("The expression can not be empty;".to_owned()),
        bytes if bytes > BYTES => Err("Expression size has exceeded the maximum allowed size;".to_owned()),
        _ => Ok(()),
    }
}

/// Runs a test on a stack as the cloud's threads have it: unoptimised code needs much of it for what is nested.
#[cfg(test)]
fn on_a_stack_of_the_cloud(test: fn()) {
    std::thread::Builder::new().stack_size(16 << 20).spawn(test).unwrap().join().unwrap();
}

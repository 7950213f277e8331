//! `List`, `Map`, their views, and what goes through them.

use super::super::TemplateError;
use super::super::value::{Iterator, Key, List, ListKind, Map, Value, same};
use super::{Called, fails};
use std::cell::Cell;
use std::rc::Rc;

/// What a list or map may grow to.
const ITEMS: usize = 100_000;

fn bounded(length: usize) -> Result<(), TemplateError> {
    if length > ITEMS { Err(TemplateError::Steps(ITEMS)) } else { Ok(()) }
}

fn out_of_bounds<T>(method: &str, index: i128, length: usize) -> Result<T, TemplateError> {
    fails(method, format!("index {index} is out of bounds for length {length}"))
}

pub fn of_list(list: &Rc<List>, method: &str, arguments: &[Value]) -> Called {
    let has = |item: &Value| list.items.borrow().iter().any(|own| same(own, item));
    Ok(Some(match (method, arguments) {
        ("size", []) => Value::count(list.items.borrow().len()),
        ("isEmpty", []) => Value::Boolean(list.items.borrow().is_empty()),
        ("contains", [item]) => Value::Boolean(has(item)),
        ("containsAll", [Value::List(other)]) => Value::Boolean(other.items.borrow().iter().all(has)),
        ("iterator", []) => {
            let items = list.items.borrow().clone();
            Value::Iterator(Rc::new(Iterator { items, place: Cell::new(0) }))
        }
        ("toArray", []) => Value::list_of(ListKind::Array, list.items.borrow().clone()),
        _ if list.kind == ListKind::Collection => return of_view(method),
        _ => return of_places(list, method, arguments),
    }))
}

/// Views change the map that they are of; here they are copies, so what would change it is refused.
fn of_view(method: &str) -> Called {
    match method {
        "add" | "addAll" | "remove" | "removeAll" | "retainAll" | "clear" | "stream" => {
            Err(TemplateError::Method { method: method.to_owned(), of: "a view of a map" })
        }
        _ => Ok(None),
    }
}

fn of_places(list: &Rc<List>, method: &str, arguments: &[Value]) -> Called {
    use Value::{Boolean, Integer};
    let length = list.items.borrow().len();
    let place = |index: i128, most: usize| usize::try_from(index).ok().filter(|place| *place < most);
    // Arrays keep their length.
    if list.kind == ListKind::Array && matches!(method, "add" | "addAll" | "remove" | "clear" | "removeAll") {
        return fails(method, "an array keeps its length");
    }
    Ok(Some(match (method, arguments) {
        ("get", [Integer(index)]) => match place(*index, length) {
            Some(place) => list.items.borrow()[place].clone(),
            None => return out_of_bounds(method, *index, length),
        },
        ("set", [Integer(index), item]) => match place(*index, length) {
            Some(place) => std::mem::replace(&mut list.items.borrow_mut()[place], item.clone()),
            None => return out_of_bounds(method, *index, length),
        },
        ("indexOf", [item]) => {
            let found = list.items.borrow().iter().position(|own| same(own, item));
            found.map_or(Integer(-1), Value::count)
        }
        ("lastIndexOf", [item]) => {
            let found = list.items.borrow().iter().rposition(|own| same(own, item));
            found.map_or(Integer(-1), Value::count)
        }
        ("add", [item]) => {
            bounded(length + 1)?;
            list.items.borrow_mut().push(item.clone());
            Boolean(true)
        }
        ("add", [Integer(index), item]) => {
            bounded(length + 1)?;
            let Some(place) = place(*index, length + 1) else { return out_of_bounds(method, *index, length) };
            list.items.borrow_mut().insert(place, item.clone());
            Value::Null
        }
        ("addAll", [Value::List(other)]) => {
            let more = other.items.borrow().clone();
            bounded(length + more.len())?;
            let grows = !more.is_empty();
            list.items.borrow_mut().extend(more);
            Boolean(grows)
        }
        ("addAll", [Integer(index), Value::List(other)]) => {
            let more = other.items.borrow().clone();
            bounded(length + more.len())?;
            let Some(place) = place(*index, length + 1) else { return out_of_bounds(method, *index, length) };
            let grows = !more.is_empty();
            list.items.borrow_mut().splice(place..place, more);
            Boolean(grows)
        }
        ("remove", [Integer(index)]) => match place(*index, length) {
            Some(place) => list.items.borrow_mut().remove(place),
            None => return out_of_bounds(method, *index, length),
        },
        ("remove", [item]) => {
            let found = list.items.borrow().iter().position(|own| same(own, item));
            found.map(|place| list.items.borrow_mut().remove(place));
            Boolean(found.is_some())
        }
        ("removeAll" | "retainAll", [Value::List(other)]) => {
            let other = other.items.borrow().clone();
            let keep = |item: &Value| other.iter().any(|own| same(own, item)) == (method == "retainAll");
            list.items.borrow_mut().retain(keep);
            Boolean(list.items.borrow().len() != length)
        }
        ("clear", []) => {
            list.items.borrow_mut().clear();
            Value::Null
        }
        // Java's is a view; this one does not change with the list.
        ("subList", [Integer(from), Integer(to)]) => match (place(*from, length + 1), place(*to, length + 1)) {
            (Some(from), Some(to)) if from <= to => Value::list(list.items.borrow()[from..to].to_vec()),
            _ => return fails(method, format!("from {from} to {to} of {length}")),
        },
        _ => return Ok(None),
    }))
}

/// A key, or that the embedded cloud has none of its kind.
fn key(value: &Value) -> Result<Key, TemplateError> {
    value.key().ok_or_else(|| TemplateError::Key(value.kind()))
}

pub fn of_map(map: &Map, method: &str, arguments: &[Value]) -> Called {
    let found = |key: &Key| map.borrow().get(key).cloned();
    let put = |key: Key, item: &Value| {
        bounded(map.borrow().len() + 1)?;
        Ok(map.borrow_mut().insert(key, item.clone()).unwrap_or(Value::Null))
    };
    Ok(Some(match (method, arguments) {
        ("size", []) => Value::count(map.borrow().len()),
        ("isEmpty", []) => Value::Boolean(map.borrow().is_empty()),
        ("get", [name]) => found(&key(name)?).unwrap_or(Value::Null),
        ("getOrDefault", [name, other]) => found(&key(name)?).unwrap_or_else(|| other.clone()),
        ("containsKey", [name]) => Value::Boolean(map.borrow().contains_key(&key(name)?)),
        ("containsValue", [item]) => Value::Boolean(map.borrow().values().any(|own| same(own, item))),
        ("put", [name, item]) => put(key(name)?, item)?,
        ("putIfAbsent", [name, item]) => match found(&key(name)?) {
            Some(own) if !matches!(own, Value::Null) => own,
            _ => put(key(name)?, item)?,
        },
        ("replace", [name, item]) => match found(&key(name)?) {
            Some(_) => put(key(name)?, item)?,
            None => Value::Null,
        },
        ("putAll", [Value::Map(other)]) => {
            let more = other.borrow().clone();
            bounded(map.borrow().len() + more.len())?;
            map.borrow_mut().extend(more);
            Value::Null
        }
        ("remove", [name]) => map.borrow_mut().shift_remove(&key(name)?).unwrap_or(Value::Null),
        ("clear", []) => {
            map.borrow_mut().clear();
            Value::Null
        }
        ("keySet", []) => Value::list_of(ListKind::Collection, map.borrow().keys().map(Key::value).collect()),
        ("values", []) => Value::list_of(ListKind::Collection, map.borrow().values().cloned().collect()),
        ("entrySet", []) => {
            let entry = |(key, value): (&Key, &Value)| Value::Entry(Rc::new((key.value(), value.clone())));
            Value::list_of(ListKind::Collection, map.borrow().iter().map(entry).collect())
        }
        _ => return Ok(None),
    }))
}

pub fn of_entry(entry: &(Value, Value), method: &str, arguments: &[Value]) -> Option<Value> {
    match (method, arguments) {
        ("getKey", []) => Some(entry.0.clone()),
        ("getValue", []) => Some(entry.1.clone()),
        _ => None,
    }
}

pub fn of_iterator(iterator: &Iterator, method: &str, arguments: &[Value]) -> Called {
    let place = iterator.place.get();
    Ok(Some(match (method, arguments) {
        ("hasNext", []) => Value::Boolean(place < iterator.items.len()),
        ("next", []) => match iterator.items.get(place) {
            Some(item) => {
                iterator.place.set(place + 1);
                item.clone()
            }
            None => return fails(method, "there is nothing more"),
        },
        _ => return Ok(None),
    }))
}

//! The words that a field may hold, where the program has the list.

use doorward::{Action, ActorKind, Outcome};
use utoipa::openapi::{OpenApi, RefOr, Schema};

use crate::codes::Code;

type Words = Vec<&'static str>;

/// Lists them.
pub(super) fn add(document: &mut OpenApi) {
    let actions: Words = Action::ALL.iter().map(|action| action.as_str()).collect();
    let outcomes: Words = Outcome::ALL
        .iter()
        .map(|outcome| outcome.as_str())
        .collect();
    let actors: Words = ActorKind::ALL.iter().map(|actor| actor.as_str()).collect();
    for (schema, member, words) in [
        ("AuditEvent", "action", &actions),
        ("AuditEvent", "outcome", &outcomes),
        ("AuditEvent", "actor", &actors),
    ] {
        let schemas = document.components.as_mut().map(|all| &mut all.schemas);
        if let Some(schema) = schemas.and_then(|schemas| schemas.get_mut(schema)) {
            list_in_member(schema, member, words);
        }
    }
    for (parameter, words) in [("action", &actions), ("outcome", &outcomes)] {
        list_in_parameter(document, parameter, words);
    }
}

/// Lists the codes of problems in their schema.
pub(super) fn list_codes(problem: &mut RefOr<Schema>) {
    let codes = Code::ALL.iter().map(|code| code.as_str()).collect();
    list_in_member(problem, "code", &codes);
}

fn list_in_member(schema: &mut RefOr<Schema>, member: &str, words: &Words) {
    if let RefOr::T(Schema::Object(object)) = schema
        && let Some(member) = object.properties.get_mut(member)
    {
        list(member, words);
    }
}

fn list_in_parameter(document: &mut OpenApi, name: &str, words: &Words) {
    let paths = document.paths.paths.values_mut();
    let parameters = paths
        .flat_map(super::operations)
        .flat_map(|operation| operation.parameters.iter_mut().flatten());
    for parameter in parameters {
        if let RefOr::T(parameter) = parameter
            && parameter.name == name
            && let Some(schema) = &mut parameter.schema
        {
            list(schema, words);
        }
    }
}

fn list(schema: &mut RefOr<Schema>, words: &Words) {
    if let RefOr::T(Schema::Object(object)) = schema {
        object.enum_values = Some(words.iter().map(|word| (*word).into()).collect());
    }
}

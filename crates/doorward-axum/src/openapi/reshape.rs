//! Problems in the shape of the application's own errors, as the document tells of them.

use utoipa::ToSchema;
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};

use super::problems::{MEDIA_TYPE, SCHEMAS};

const JSON: &str = "application/json";

/// Says in Doorward's document that every problem has the body `T`, as JSON.
///
/// For applications that give problems another body by
/// [`shape_problems`](crate::problem::shape_problems). It belongs before [`merge`](super::merge),
/// which brings the schema of `T` along. The schema `Problem` is gone: the application's own
/// operations name `T` as well.
///
/// ```
/// use doorward::Doorward;
/// use doorward_axum::{Api, openapi};
/// use utoipa::ToSchema;
///
/// /// What went wrong.
/// #[derive(ToSchema)]
/// struct ErrorBody {
///     error: String,
/// }
///
/// let (_, mut document) = Api::new().build::<Doorward>();
/// openapi::reshape_problems::<ErrorBody>(&mut document);
///
/// let schemas = document.components.unwrap_or_default().schemas;
/// assert!(schemas.contains_key("ErrorBody"));
/// assert!(!schemas.contains_key("Problem"));
/// ```
pub fn reshape_problems<T: ToSchema>(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    for name in SCHEMAS {
        components.schemas.remove(name);
    }
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    components.schemas.extend(schemas);
    let paths = document.paths.paths.values_mut();
    paths
        .flat_map(super::operations)
        .flat_map(|operation| operation.responses.responses.values_mut())
        .for_each(reshape::<T>);
}

fn reshape<T: ToSchema>(response: &mut RefOr<Response>) {
    if let RefOr::T(response) = response
        && response.content.shift_remove(MEDIA_TYPE).is_some()
    {
        let body = Content::new(Some(Ref::from_schema_name(T::name())));
        response.content.insert(JSON.to_owned(), body.into());
    }
}

#[cfg(test)]
mod tests {
    use doorward::Doorward;
    use serde_json::Value;
    use utoipa::ToSchema;

    use super::reshape_problems;
    use crate::Api;

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "documented only")]
    struct ErrorBody {
        error: Words,
    }

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "documented only")]
    struct Words(String);

    #[test]
    fn no_operation_answers_with_a_problem_any_more() {
        let (_, document) = Api::new().build::<Doorward>();
        let mut reshaped = document.clone();
        reshape_problems::<ErrorBody>(&mut reshaped);
        let before = document.to_json().unwrap();
        let after = reshaped.to_json().unwrap();

        let problem =
            r##""application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}"##;
        let own = r##""application/json":{"schema":{"$ref":"#/components/schemas/ErrorBody"}}"##;
        assert!(before.matches(problem).count() > 100);
        assert_eq!(after.matches(own).count(), before.matches(problem).count());
        assert!(!after.contains("problem+json"));
    }

    #[test]
    fn nothing_refers_to_a_schema_that_is_gone() {
        let (_, mut document) = Api::new().build::<Doorward>();
        reshape_problems::<ErrorBody>(&mut document);
        let document = serde_json::to_value(document).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for gone in ["Problem", "ProblemDetail", "Fault", "FaultStep"] {
            assert!(!schemas.contains_key(gone), "{gone}");
        }
        let mut named = Vec::new();
        list_references(&document, &mut named);
        for name in named {
            assert!(document.pointer(name).is_some(), "{name}");
        }
    }

    fn list_references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                found.extend(reference.and_then(|name| name.strip_prefix('#')));
                for member in members.values() {
                    list_references(member, found);
                }
            }
            Value::Array(items) => {
                for item in items {
                    list_references(item, found);
                }
            }
            _ => {}
        }
    }
}

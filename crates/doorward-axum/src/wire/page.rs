//! Pages of lists: which one is asked for, and how it is answered.

use axum::response::{IntoResponse, Response};
use doorward::{Cursor, LARGEST_PAGE, Page, PageRequest};
use http::{HeaderName, HeaderValue, Uri, header};
use serde::Serialize;
use uuid::Uuid;

use super::Unstored;
use crate::fields::{Bounded, Fields};

/// How many items there are in all, where the client asked for it.
pub(crate) const X_TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// The parameters of a list that say which part of it is wanted.
#[derive(Debug)]
pub(crate) struct PageQuery(pub(crate) PageRequest);

impl PageQuery {
    /// Reads `skip`, `limit`, `cursor` and `count`.
    pub(crate) fn read(fields: &mut Fields) -> Option<Self> {
        let skip = fields.optional::<Bounded<0, { i32::MAX as i64 }>>("skip");
        let limit = fields.optional::<Bounded<1, { LARGEST_PAGE as i64 }>>("limit");
        let cursor = fields.optional::<Uuid>("cursor");
        let count = fields.optional::<bool>("count");
        let number = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
        let page = PageRequest::new(
            skip?.map_or(0, |skip| number(skip.value())),
            limit?.map_or(PageRequest::default().limit, |limit| number(limit.value())),
        );
        let page = page
            .after(cursor?.map(Cursor::after))
            .counted(count?.unwrap_or(false));
        Some(Self(page))
    }
}

/// Answers a page: an array, with `Link` to the next (RFC 8288) and the count where it was
/// asked for.
pub(crate) fn page_answer<T, B>(page: &Page<T>, uri: &Uri) -> Response
where
    B: Serialize + for<'t> From<&'t T>,
{
    let items: Vec<B> = page.items.iter().map(B::from).collect();
    let mut response = Unstored(items).into_response();
    let headers = response.headers_mut();
    if let Some(total) = page.total {
        headers.insert(X_TOTAL_COUNT, HeaderValue::from(total));
    }
    if let Some(link) = page.next.and_then(|cursor| next_link(uri, cursor)) {
        headers.insert(header::LINK, link);
    }
    response
}

/// The same list from the cursor on, as a relative reference: it needs no trust in `Host`.
fn next_link(uri: &Uri, cursor: Cursor) -> Option<HeaderValue> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if !matches!(&*name, "cursor" | "skip" | "count") {
            query.append_pair(&name, &value);
        }
    }
    query.append_pair("cursor", &cursor.as_uuid().to_string());
    let link = format!("<{}?{}>; rel=\"next\"", uri.path(), query.finish());
    HeaderValue::from_str(&link).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_keeps_the_filters_and_moves_the_cursor() {
        let uri: Uri = "/api/v1/users?skip=5&limit=2&search=a%20b&cursor=x&count=1"
            .parse()
            .unwrap();
        let link = next_link(&uri, Cursor::after(Uuid::from_u128(1))).unwrap();
        assert_eq!(
            link,
            "</api/v1/users?limit=2&search=a+b&cursor=00000000-0000-0000-0000-000000000001>; rel=\"next\""
        );
    }
}

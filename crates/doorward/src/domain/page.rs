//! Pages of lists: by offset for shallow ones, by cursor for any depth.

use uuid::Uuid;

/// The most items of a page.
pub const LARGEST_PAGE: u32 = 100;

/// The place in a list behind which a page begins: the id of the last item before it.
///
/// Callers treat it as opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(Uuid);

impl Cursor {
    /// The cursor behind the item with this id.
    pub const fn after(id: Uuid) -> Self {
        Self(id)
    }

    /// The id of the last item before the page.
    pub const fn as_uuid(self) -> Uuid {
        self.0
    }
}

/// Which part of a list is wanted.
///
/// ```
/// use doorward::PageRequest;
///
/// let page = PageRequest::new(20, 500);
/// assert_eq!((page.skip, page.limit), (20, 100));
/// assert_eq!(PageRequest::default().limit, 10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageRequest {
    /// How many items to pass over, after the cursor if there is one.
    pub skip: u32,
    /// How many items at the most, from 1 to 100.
    pub limit: u32,
    /// Where to begin.
    pub cursor: Option<Cursor>,
    /// Whether to count all items that the filter lets through.
    pub count: bool,
}

impl PageRequest {
    /// A page of at most `limit` items, held within 1 and 100, after `skip` others.
    pub fn new(skip: u32, limit: u32) -> Self {
        Self {
            skip,
            limit: limit.clamp(1, LARGEST_PAGE),
            cursor: None,
            count: false,
        }
    }

    /// The same, beginning behind `cursor`.
    #[must_use]
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.cursor = cursor;
        self
    }

    /// The same, with or without a count of all items.
    #[must_use]
    pub fn counted(mut self, count: bool) -> Self {
        self.count = count;
        self
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::new(0, 10)
    }
}

/// A part of a list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; `None` where this is the last.
    pub next: Option<Cursor>,
    /// How many items there are in all, where that was asked for.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// Makes a page of `items`, of which one more than wanted were asked for, so that it
    /// is known whether another page follows.
    pub(crate) fn cut(
        mut items: Vec<T>,
        request: &PageRequest,
        total: Option<u64>,
        id: impl Fn(&T) -> Uuid,
    ) -> Self {
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more {
            items.last().map(|item| Cursor::after(id(item)))
        } else {
            None
        };
        Self { items, next, total }
    }

    /// The same page of other items.
    pub(crate) fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(convert).collect(),
            next: self.next,
            total: self.total,
        }
    }
}

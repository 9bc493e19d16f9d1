//! What goes wrong below an operation, as that operation's own error.

/// Lets `?` turn what the store and the hashing pool say into an operation's `Internal`.
macro_rules! fails_internally {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$crate::store::db::StoreError> for $error {
            fn from(error: $crate::store::db::StoreError) -> Self {
                Self::Internal(error.into())
            }
        }

        impl From<$crate::password::HasherBusy> for $error {
            fn from(busy: $crate::password::HasherBusy) -> Self {
                Self::Internal(busy.into())
            }
        }

        impl From<$crate::domain::failure::Failure> for $error {
            fn from(failure: $crate::domain::failure::Failure) -> Self {
                Self::Internal(failure)
            }
        }
    )+};
}

pub(crate) use fails_internally;

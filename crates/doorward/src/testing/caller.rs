//! Who asks, in tests.

use crate::domain::authz::PermissionMarker;
use crate::domain::caller::{Caller, Permitted};
use crate::domain::origin::Origin;

/// Somebody who is not logged in, from nowhere in particular.
///
/// ```
/// assert_eq!(doorward::testing::anonymous().user_id(), None);
/// ```
pub fn anonymous() -> Caller {
    Caller::anonymous(Origin::default())
}

/// The proof that whoever runs the software may do `P`, as they may do everything.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use doorward::UsersCount;
/// use doorward::testing::{TestDoorward, operator};
///
/// let auth = TestDoorward::start().await;
/// auth.add_user("anna@example.com", ["user"]).await;
/// assert_eq!(auth.count_users(&operator::<UsersCount>()).await?.total, 1);
/// # Ok(())
/// # }
/// ```
pub fn operator<P: PermissionMarker>() -> Permitted<P> {
    Permitted::operator()
}

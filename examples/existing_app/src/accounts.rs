//! What accounts are like here, in the app and in its tests.

use std::sync::Arc;

use doorward::Builder;

use crate::hooks::Company;
use crate::roles::Staff;

pub(crate) fn decide(builder: Builder) -> Builder {
    builder
        .issuer("notes")
        .roles::<Staff>()
        .hooks(Arc::new(Company {
            domain: "example.com",
        }))
}

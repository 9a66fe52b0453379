//! L5: what the user can configure.

pub mod role;
pub mod theme;

pub use role::{ROLES, Role, RoleInfo};
pub use theme::Theme;

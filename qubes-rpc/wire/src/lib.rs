//! Names, framing and limits that the services of the LogVM share.
#![forbid(unsafe_code)]

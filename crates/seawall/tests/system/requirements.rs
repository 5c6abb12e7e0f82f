//! What RFC 9112 and RFC 9113 require of a server and gateway, asked with raw bytes, and the page
//! that says what Seawall does about each requirement.

mod h1;
mod h2;
mod page;

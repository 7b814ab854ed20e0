//! The page, as far as it can be seen without a browser.

use iot_api::{Api, Token};

use crate::moody::Moody;
use crate::server::Server;

#[tokio::test]
async fn the_page_comes_with_its_files_and_may_run_no_script_but_its_own() {
    let server = Server::of_memory().await;
    for (path, media_type) in [
        ("", "text/html; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("main.js", "text/javascript; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("vendor/uPlot.iife.min.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = server.get(&format!("/dashboard/{path}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, media_type), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let answer = server.get("/dashboard").await;
    assert_eq!((answer.status, answer.header("location")), (308, "/dashboard/"));
    for path in ["nothing.js", "../Cargo.toml", "vendor/", "%2e%2e/Cargo.toml"] {
        assert_eq!(server.get(&format!("/dashboard/{path}")).await.status, 404, "{path}");
    }
}

/// S15.
#[tokio::test]
async fn the_page_itself_is_shown_to_all_and_its_data_is_not() {
    let server = Server::of(Api::new(Moody::new()).with_read_token(Token::new("key").unwrap())).await;
    assert_eq!(server.get("/dashboard/").await.status, 200);
    assert_eq!(server.get("/api/v1/devices").await.status, 401);
}

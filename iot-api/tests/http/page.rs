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

#[tokio::test]
async fn a_file_that_a_browser_has_does_not_come_again() {
    let server = Server::of_memory().await;
    let mut tags = std::collections::BTreeSet::new();
    for path in ["", "main.js", "style.css"] {
        let path = format!("/dashboard/{path}");
        let tag = server.get(&path).await.header("etag").to_owned();
        for known in [tag.clone(), format!("\"other\", {tag}"), "*".to_owned()] {
            let answer = server.send("GET", &path, &[("if-none-match", &known)], b"").await;
            assert_eq!((answer.status, answer.body.len(), answer.header("etag")), (304, 0, &*tag), "{known}");
            assert_eq!(answer.header("cache-control"), "no-cache");
        }
        let answer = server.send("GET", &path, &[("if-none-match", "W/\"other\"")], b"").await;
        assert_eq!(answer.status, 200);
        assert!(tags.insert(tag), "{path}");
    }
}

/// S15.
#[tokio::test]
async fn the_page_itself_is_shown_to_all_and_its_data_is_not() {
    let server = Server::of(Api::new(Moody::new()).with_read_token(Token::new("key").unwrap())).await;
    assert_eq!(server.get("/dashboard/").await.status, 200);
    assert_eq!(server.get("/api/v1/devices").await.status, 401);
}

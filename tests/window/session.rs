//! The window of a test: what a person sees in it and does to it.

use std::{future::Future, panic, path::Path, sync::Arc, time::Duration};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element, key::Key, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    driver::{self, Driver},
    pictures,
    until::until,
};

/// A driver that has lost its app answers never.
const LONGEST: Duration = Duration::from_secs(240);
const OPENING: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub struct Window {
    page: Client,
    pub driver: Arc<Driver>,
}

/// Opens the window for a test, and closes it however the test went.
pub fn drive<T, Fut>(test: T)
where
    T: FnOnce(Window) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let driver = Arc::new(Driver::start().await);
        let outcome = tokio::spawn(timeout(OPENING, connect(driver.address()))).await;
        let Ok(Ok(page)) = outcome else {
            let said = driver.said();
            end(driver).await;
            panic!("the window did not open: {outcome:?}: {said}");
        };
        let window = Window { page, driver };
        let ready = window.clone();
        let test = test(window.clone());
        let outcome = tokio::spawn(timeout(LONGEST, async move {
            ready.is_up().await;
            drop(ready);
            test.await;
        }))
        .await;
        if !matches!(outcome, Ok(Ok(()))) {
            let _ = timeout(LONGEST, pictures::failed(&window)).await;
        }
        window.driver.note();
        // Before a failure goes on, or the app would be left behind.
        let closed = timeout(LONGEST, window.page.close()).await;
        end(window.driver).await;
        match outcome {
            Err(failure) => panic::resume_unwind(failure.into_panic()),
            Ok(ended) => ended.expect("the test took too long"),
        }
        closed.expect("closing took too long").unwrap();
    });
}

/// The last who has the driver ends it.
async fn end(driver: Arc<Driver>) {
    Arc::into_inner(driver).expect("the test has let go of the window").end().await;
}

async fn connect(driver: String) -> Client {
    let wanted = json!({ "browserName": "wry", "tauri:options": { "application": driver::app() } });
    let Value::Object(wanted) = wanted else { unreachable!() };
    ClientBuilder::new(HttpConnector::new())
        .capabilities(Capabilities::from_iter(wanted))
        .connect(&driver)
        .await
        .unwrap()
}

impl Window {
    /// A window that isn't shown yet can't be clicked in, and says so by ending the session.
    async fn is_up(&self) {
        self.sees(
            "the window is shown with its first screen",
            "document.visibilityState === 'visible' && document.querySelector('.main h1') !== null",
        )
        .await;
    }

    /// Opens the sample from the first screen, and waits for its results.
    pub async fn open_sample(&self) {
        self.press("Open the sample").await;
        self.sees("results of the sample", "document.querySelectorAll('.hit').length > 5").await;
    }

    /// The value of an expression in the page.
    pub async fn value(&self, expression: &str) -> Value {
        self.page.execute(&format!("return ({expression});"), vec![]).await.unwrap()
    }

    /// Waits until an expression in the page is true, or something; gives what it is.
    pub async fn sees(&self, what: &str, expression: &str) -> Value {
        until(what, || async {
            let value = self.page.execute(&format!("return ({expression});"), vec![]).await;
            let value = value.map_err(|error| error.to_string())?;
            match value {
                Value::Null | Value::Bool(false) => Err(self.words().await),
                Value::String(text) if text.is_empty() => Err(self.words().await),
                seen => Ok(seen),
            }
        })
        .await
    }

    /// Waits until the first element of `css` says exactly `text`.
    pub async fn reads(&self, css: &str, text: &str) {
        self.sees(
            &format!("{css} says {text:?}"),
            &format!("document.querySelector({})?.textContent.trim() === {}", json!(css), json!(text)),
        )
        .await;
    }

    /// All that can be read in the window, to say where a failed test was.
    async fn words(&self) -> String {
        let words = self.page.execute("return document.body.innerText", vec![]).await;
        words.ok().and_then(|words| Some(words.as_str()?.chars().take(1500).collect())).unwrap_or_default()
    }

    pub async fn find(&self, css: &str) -> Element {
        until(css, || async {
            match self.page.find(Locator::Css(css)).await {
                Ok(element) if element.is_displayed().await.unwrap_or(false) => Ok(element),
                Ok(_) => Err("it is hidden".to_owned()),
                Err(error) => Err(format!("{error}; {}", self.words().await)),
            }
        })
        .await
    }

    pub async fn click(&self, css: &str) {
        self.click_on(Locator::Css(css)).await;
    }

    /// Presses the button with this label.
    pub async fn press(&self, label: &str) {
        let path = format!(
            "//button[@aria-label=\"{label}\" or normalize-space(.)=\"{label}\" or .//strong[.=\"{label}\"]]"
        );
        self.click_on(Locator::XPath(&path)).await;
    }

    /// A page that is drawn anew may take an element away between finding and clicking it.
    async fn click_on(&self, what: Locator<'_>) {
        until(&format!("a click on {what:?}"), || async {
            for one in self.page.find_all(what).await.map_err(|error| error.to_string())? {
                if one.is_displayed().await.unwrap_or(false) && one.is_enabled().await.unwrap_or(false) {
                    return one.click().await.map_err(|error| error.to_string());
                }
            }
            Err(format!("nothing to click; {}", self.words().await))
        })
        .await;
    }

    /// Types where the keyboard's focus is.
    pub async fn types(&self, keys: &str) {
        self.page.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Presses a key while another is held.
    pub async fn holds(&self, held: Key, key: &str) {
        self.types(&format!("{}{key}", char::from(held))).await;
    }

    /// Opens a link as it was copied, through the palette.
    pub async fn go(&self, link: &str) {
        self.palette(link).await;
        self.sees("the palette offers the link", "document.querySelector('.palette-item .code') !== null")
            .await;
        self.types(&String::from(char::from(Key::Enter))).await;
    }

    /// Opens the palette and types into it.
    pub async fn palette(&self, text: &str) {
        self.holds(Key::Control, "k").await;
        self.sees("the palette", "document.activeElement?.className === 'palette-input'").await;
        self.types(text).await;
    }

    /// Calls a use case beside the screens, where a person would have to answer one of the system's dialogs.
    pub async fn call(&self, name: &str, args: Value) -> Value {
        let script = "const [name, args, done] = arguments;
            window.__TAURI_INTERNALS__.invoke('use_case', { name, args })
              .then((is) => done({ is }), (error) => done({ error: JSON.stringify(error) }));";
        let answer = self.page.execute_async(script, vec![json!(name), args]).await.unwrap();
        assert!(answer["error"].is_null(), "{name}: {answer}");
        answer["is"].clone()
    }

    /// Makes a catalog in the test's folder and opens it.
    pub async fn create_catalog(&self, name: &str) -> String {
        let path = self.driver.folder().join(name).to_string_lossy().into_owned();
        self.call("catalog_create", json!({ "path": path })).await;
        path
    }

    /// Starts an import and waits for it on the screen that a person would watch it on; gives created, changed,
    /// same and rejected.
    pub async fn import(&self, kind: &str, from: &Path) -> [u64; 4] {
        let job = self.call("import_start", json!({ "kind": kind, "from": from })).await["job"].clone();
        self.go(&format!("catena://connections?job={}", job.as_str().unwrap())).await;
        until("the import ends", || async {
            let jobs = self.call("jobs", json!({})).await;
            let job = jobs.as_array().unwrap().iter().find(|one| one["id"] == job).cloned();
            match job {
                Some(job) if job["state"] == "done" => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        let counts = "document.querySelector('.job[data-selected=true] .dot')?.dataset.state === 'done' &&
            document.querySelectorAll('.report-counts dd').length === 4 &&
            [...document.querySelectorAll('.report-counts dd')].map((one) => Number(one.textContent.replace(/\\D/g, '')))";
        let counts = self.sees("the report", counts).await;
        [0, 1, 2, 3].map(|at| counts[at].as_u64().unwrap())
    }

    /// The one entity of a kind and name.
    pub async fn entity(&self, kind: &str, name: &str) -> String {
        let found = self.call("search", json!({ "text": name, "kinds": [kind], "limit": 50 })).await;
        let hits = found["hits"].as_array().unwrap();
        let hit = hits.iter().find(|hit| hit["name"] == name).unwrap_or_else(|| panic!("{name}: {found}"));
        hit["id"].as_str().unwrap().to_owned()
    }

    /// Opens the page of an entity.
    pub async fn open_entity(&self, id: &str, name: &str) {
        self.go(&format!("catena://entity/{id}")).await;
        self.reads(".entity-title h1", name).await;
    }

    /// From the palette to all results for what was typed.
    pub async fn go_to_results(&self) {
        self.click_on(Locator::XPath(
            "//div[@role=\"option\"][starts-with(normalize-space(.), \"All results for\")]",
        ))
        .await;
    }

    pub async fn screenshot(&self) -> Result<Vec<u8>, String> {
        self.page.screenshot().await.map_err(|error| error.to_string())
    }
}

use std::convert::Infallible;
use std::future::{Ready, poll_fn, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use doorward::RoleName;
use doorward::testing::{TestDoorward, TestUser};
use http::{Request, StatusCode, header};
use tower_layer::Layer as _;
use tower_service::Service;

use super::{GuardService, require_role};
use crate::extract::CurrentUser;

/// A service that insists on being asked whether it is ready, and has a place for one that was.
#[derive(Debug)]
struct Strict {
    is_ready: bool,
    taken: Arc<AtomicUsize>,
}

impl Strict {
    fn new() -> Self {
        Self {
            is_ready: false,
            taken: Arc::default(),
        }
    }
}

impl Clone for Strict {
    /// What one was told does not count for another.
    fn clone(&self) -> Self {
        Self {
            is_ready: false,
            taken: Arc::clone(&self.taken),
        }
    }
}

impl Drop for Strict {
    fn drop(&mut self) {
        if self.is_ready {
            self.taken.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Service<Request<()>> for Strict {
    type Response = String;
    type Error = Infallible;
    type Future = Ready<Result<String, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if !self.is_ready {
            self.is_ready = true;
            self.taken.fetch_add(1, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        assert!(self.is_ready, "called before it was ready");
        let user: &CurrentUser = request.extensions().get().unwrap();
        ready(Ok(user.email.as_ref().unwrap().to_string()))
    }
}

async fn guarded(auth: &TestDoorward) -> (GuardService<Strict>, Arc<AtomicUsize>) {
    let strict = Strict::new();
    let taken = Arc::clone(&strict.taken);
    (require_role(auth, RoleName::ADMIN).layer(strict), taken)
}

fn request(who: &TestUser) -> Request<()> {
    Request::get("/")
        .header(header::AUTHORIZATION, who.authorization())
        .body(())
        .unwrap()
}

#[tokio::test]
async fn the_service_that_is_ready_is_the_one_that_is_called() {
    let auth = TestDoorward::start().await;
    let admin = auth.login_as("admin").await;
    let (mut service, _) = guarded(&auth).await;
    for _ in 0..3 {
        poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
        let Ok(answer) = service.call(request(&admin)).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn several_requests_wait_side_by_side() {
    let auth = TestDoorward::start().await;
    let (admin, user) = (auth.login_as("admin").await, auth.login_as("user").await);
    let (mut service, _) = guarded(&auth).await;
    let mut answers = Vec::new();
    for who in [&admin, &user, &admin] {
        poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
        answers.push(service.call(request(who)));
    }
    drop(service);
    let mut statuses = Vec::new();
    for answer in answers.into_iter().rev() {
        let Ok(answer) = answer.await;
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [200, 403, 200]);
}

#[tokio::test]
async fn who_is_refused_keeps_no_place_of_the_service() {
    let auth = TestDoorward::start().await;
    let (mut service, taken) = guarded(&auth).await;
    poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
    assert_eq!(taken.load(Ordering::Relaxed), 1);
    // Held until after the answer is there, as by who logs it.
    let mut refused = pin!(service.call(Request::new(())));
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(answer)) = refused.as_mut().poll(&mut cx) else {
        panic!("there is no token to look up");
    };
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(taken.load(Ordering::Relaxed), 0);
}

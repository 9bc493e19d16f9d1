//! Connections: accepted, served, and drained when the server ends.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use doorward_axum::ClientAddress;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tower::Service;

use super::client::TrustedProxies;
use super::metrics::RequestCounts;

#[cfg(test)]
mod tests;

/// How long a client may take to send the head of a request, and may idle between two.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may leave unread what it is sent.
#[cfg(target_os = "linux")]
const UNREAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How large the head of a request may be, in bytes.
const LARGEST_HEAD: usize = 32 * 1024;
/// How many connections are served at once; more wait to be accepted.
const MOST_CONNECTIONS: u32 = 10_000;
/// How long requests that are under way may take when the server ends.
const DRAIN: Duration = Duration::from_secs(10);
/// How long a connection that never asked anything may still do so when the server ends: a
/// request that was sent before is read at once.
const LAST_CHANCE: Duration = Duration::from_millis(200);
/// The pause after an accept that failed: the process may have run out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `app` on `listener` until `shutdown` is ready; then accepts nothing more and lets
/// what is under way end, for ten seconds at the most.
pub(crate) async fn run<S>(
    listener: TcpListener,
    app: S,
    proxies: TrustedProxies,
    shutdown: impl Future<Output = ()>,
) where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let proxies = Arc::new(proxies);
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS as usize));
    let counts = RequestCounts::new();
    let (serving, ending) = watch::channel(());
    tokio::pin!(shutdown);
    loop {
        let (stream, peer, permit) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &permits) => match accepted {
                Some(accepted) => accepted,
                None => continue,
            },
        };
        let (app, proxies, ending) = (app.clone(), Arc::clone(&proxies), ending.clone());
        let counts = counts.clone();
        let app = move |request| {
            let answered = answer(app.clone(), &proxies, peer, request);
            let counts = counts.clone();
            async move {
                let response = answered.await?;
                counts.count(response.status());
                Ok(response)
            }
        };
        tokio::spawn(async move {
            // Clients that break off, or speak something else than HTTP, are everyday.
            if let Err(error) = serve_one(stream, app, ending).await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    drop(serving);
    drain(&permits).await;
}

/// Serves one connection; once `ending` is closed, to the end of the request that is under way.
async fn serve_one<F>(
    stream: TcpStream,
    app: impl Fn(hyper::Request<Incoming>) -> F,
    mut ending: watch::Receiver<()>,
) -> hyper::Result<()>
where
    F: Future<Output = Result<Response, Infallible>>,
{
    let has_asked = Arc::new(AtomicBool::new(false));
    let asks = Arc::clone(&has_asked);
    let service = service_fn(move |request| {
        asks.store(true, Ordering::Relaxed);
        app(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(LARGEST_HEAD)
        // Answers are small: one copy costs less than a write in two pieces.
        .writev(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        ended = &mut connection => return ended,
        // Nothing is ever sent: the channel closes when the server ends.
        _ = ending.changed() => {}
    }
    if !has_asked.load(Ordering::Relaxed) {
        // hyper would close the connection without a look at what has come.
        if let Ok(ended) = timeout(LAST_CHANCE, &mut connection).await {
            return ended;
        }
    }
    if !has_asked.load(Ordering::Relaxed) {
        // A head that is never finished is no request, and would hold up the end.
        return Ok(());
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // An answer is one write; to wait for more would only delay it.
            let _ = stream.set_nodelay(true);
            cut_if_never_read(&stream);
            Some((stream, peer, permit))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

fn answer<S>(
    mut app: S,
    proxies: &TrustedProxies,
    peer: SocketAddr,
    request: hyper::Request<Incoming>,
) -> S::Future
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    let mut request = request.map(Body::new);
    let client = proxies.client(peer.ip(), request.headers());
    request.extensions_mut().insert(ClientAddress(client));
    app.call(request)
}

/// Lets the system end a connection whose client takes nothing of what it is sent: it would
/// hold its place for ever.
#[cfg(target_os = "linux")]
fn cut_if_never_read(stream: &TcpStream) {
    let millis = u32::try_from(UNREAD_TIMEOUT.as_millis()).unwrap_or(u32::MAX);
    // Without it such a client costs a connection and nothing more.
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, millis);
}

/// Only Linux has a limit for this.
#[cfg(not(target_os = "linux"))]
fn cut_if_never_read(_: &TcpStream) {}

/// Waits until every connection has given its permit back.
async fn drain(permits: &Semaphore) {
    let under_way = MOST_CONNECTIONS as usize - permits.available_permits();
    if under_way > 0 {
        tracing::info!(connections = under_way, "draining");
    }
    let all = permits.acquire_many(MOST_CONNECTIONS);
    if timeout(DRAIN, all).await.is_err() {
        tracing::warn!("some requests were cut off: they took longer than ten seconds");
    }
}

//! From the router's future to the answer.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::response::{IntoResponse as _, Response};
use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::{
    exchange::Exchange,
    loan::{self, Loan},
    panic::caught,
};
use crate::problem::Problem;

pin_project! {
    /// The future of [`EdgeService`](super::EdgeService).
    #[must_use = "futures do nothing unless polled"]
    pub struct EdgeFuture<F> {
        exchange: Exchange,
        #[pin]
        stage: Stage<F>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F> {
        Routing {
            #[pin]
            inner: F,
            loan: Option<Loan>,
            deadline: Deadline,
        },
        Discarding {
            rest: Pin<Box<dyn Future<Output = ()> + Send>>,
            response: Option<Response>,
        },
        Answered {
            response: Option<Response>,
        },
    }
}

impl<F> EdgeFuture<F> {
    pub(super) fn routing(exchange: Exchange, inner: F, loan: Option<Loan>) -> Self {
        let deadline = Deadline::After(exchange.deadline());
        Self::new(
            exchange,
            Stage::Routing {
                inner,
                loan,
                deadline,
            },
        )
    }

    pub(super) fn answered(exchange: Exchange, response: Response) -> Self {
        let response = Some(response);
        Self::new(exchange, Stage::Answered { response })
    }

    const fn new(exchange: Exchange, stage: Stage<F>) -> Self {
        Self { exchange, stage }
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for EdgeFuture<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let StageProjection::Routing {
            inner,
            loan,
            deadline,
        } = this.stage.as_mut().project()
        {
            let response = ready!(poll_routed(inner, deadline, cx));
            let Some(loan) = loan.take() else {
                return Poll::Ready(Ok(this.exchange.finish(response)));
            };
            // Dropping the router's future first: it may still hold the body.
            this.stage.set(Stage::Answered { response: None });
            this.stage.set(Stage::after(response, &loan));
        }
        match ready!(this.stage.poll_response(cx)) {
            Some(response) => Poll::Ready(Ok(this.exchange.finish(response))),
            // Polled after its end, which callers must not do.
            None => Poll::Pending,
        }
    }
}

fn poll_routed<F: Future<Output = Result<Response, Infallible>>>(
    inner: Pin<&mut F>,
    deadline: &mut Deadline,
    cx: &mut Context<'_>,
) -> Poll<Response> {
    match caught(|| inner.poll(cx)) {
        Ok(Poll::Ready(Ok(response))) => Poll::Ready(response),
        Ok(Poll::Ready(Err(never))) => match never {},
        Ok(Poll::Pending) => deadline
            .poll_passed(cx)
            .map(|()| Problem::deadline_exceeded().into_response()),
        Err(answer) => Poll::Ready(*answer),
    }
}

impl<F> Stage<F> {
    fn after(response: Response, loan: &Loan) -> Self {
        let response = Some(response);
        match loan.take_back() {
            Some(rest) => Self::Discarding {
                rest: Box::pin(loan::discard(rest)),
                response,
            },
            None => Self::Answered { response },
        }
    }

    fn poll_response(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Response>> {
        match self.project() {
            StageProjection::Routing { .. } => Poll::Pending,
            StageProjection::Discarding { rest, response } => {
                rest.as_mut().poll(cx).map(|()| response.take())
            }
            StageProjection::Answered { response } => Poll::Ready(response.take()),
        }
    }
}

impl<F> fmt::Debug for EdgeFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EdgeFuture")
    }
}

/// The deadline of a request. Its timer is made when the handler first has to
/// wait: most never do, and a timer costs more than they.
enum Deadline {
    After(Duration),
    At(Pin<Box<Sleep>>),
}

impl Deadline {
    fn poll_passed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Self::After(duration) = *self {
            *self = Self::At(Box::pin(tokio::time::sleep(duration)));
        }
        match self {
            Self::At(timer) => timer.as_mut().poll(cx),
            Self::After(_) => Poll::Pending,
        }
    }
}

//! Randomness that a test can foresee.

use std::sync::Mutex;

use aws_lc_rs::digest::{Context, SHA256};

use crate::domain::entropy::Entropy;

/// Randomness that is the same for the same seed. Not for secrets.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    calls: Mutex<u64>,
}

impl SeededEntropy {
    /// The source with this seed.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            calls: Mutex::new(0),
        }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut calls = self
            .calls
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(32) {
            *calls += 1;
            let mut block = Context::new(&SHA256);
            block.update(&self.seed.to_le_bytes());
            block.update(&calls.to_le_bytes());
            chunk.copy_from_slice(&block.finish().as_ref()[..chunk.len()]);
        }
    }
}

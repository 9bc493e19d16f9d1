use super::*;
use crate::domain::entropy::SystemEntropy;

const NOW: Timestamp = Timestamp::from_millis(1_750_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);

fn captcha(difficulty: u8) -> ProofOfWork {
    with_key(difficulty, &[7; 32])
}

fn with_key(difficulty: u8, key: &[u8]) -> ProofOfWork {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    ProofOfWork::new(key, difficulty, Arc::new(SystemEntropy)).unwrap()
}

fn proof(captcha: &ProofOfWork, now: Timestamp) -> ProofChallenge {
    captcha.challenge(now).proof.unwrap()
}

/// The first counter, from `start`, that does or does not solve the challenge.
fn counter(proof: &ProofChallenge, difficulty: u8, solves: bool) -> String {
    (0_u64..)
        .map(|counter| format!("{}.{counter}", proof.challenge))
        .find(|token| (leading_zeros(token) >= u32::from(difficulty)) == solves)
        .unwrap()
}

fn solved(captcha: &ProofOfWork, now: Timestamp) -> String {
    let proof = proof(captcha, now);
    counter(&proof, proof.difficulty, true)
}

#[test]
fn a_solved_challenge_is_taken_once() {
    let captcha = captcha(8);
    let token = solved(&captcha, NOW);
    assert_eq!(captcha.check(&token, NOW), Ok(true));
    assert_eq!(captcha.check(&token, NOW), Ok(false));
    assert_eq!(captcha.check(&token, NOW + MINUTE), Ok(false));
}

#[test]
fn another_solution_of_a_spent_challenge_is_not_taken() {
    let captcha = captcha(1);
    let challenge = proof(&captcha, NOW).challenge;
    let mut solutions = (0..100)
        .map(|counter| format!("{challenge}.{counter}"))
        .filter(|token| leading_zeros(token) >= 1);
    let (first, second) = (solutions.next().unwrap(), solutions.next().unwrap());
    assert_eq!(captcha.check(&first, NOW), Ok(true));
    assert_eq!(captcha.check(&second, NOW), Ok(false));
}

#[test]
fn what_is_not_solved_is_not_taken_and_not_spent() {
    let captcha = captcha(8);
    let challenge = proof(&captcha, NOW);
    let wrong = counter(&challenge, 8, false);
    assert_eq!(captcha.check(&wrong, NOW), Ok(false));
    let right = counter(&challenge, 8, true);
    assert_eq!(captcha.check(&right, NOW), Ok(true));
}

#[test]
fn a_challenge_is_good_for_five_minutes() {
    let captcha = captcha(4);
    let (early, late) = (solved(&captcha, NOW), solved(&captcha, NOW));
    assert_eq!(proof(&captcha, NOW).expires_at, NOW + 5 * MINUTE);
    let end = NOW + 5 * MINUTE;
    let just_before = end - Duration::from_millis(1);
    assert_eq!(captcha.check(&early, just_before), Ok(true));
    assert_eq!(captcha.check(&late, end), Ok(false));
}

#[test]
fn a_challenge_made_under_a_clock_ahead_is_not_good_for_longer() {
    let captcha = captcha(4);
    let token = solved(&captcha, NOW + MINUTE);
    assert_eq!(captcha.check(&token, NOW), Ok(false));
    assert_eq!(captcha.check(&token, NOW + MINUTE), Ok(true));
}

#[test]
fn a_challenge_that_the_engine_did_not_make_is_not_taken() {
    let captcha = captcha(1);
    let foreign = solved(&with_key(1, &[8; 32]), NOW);
    assert_eq!(captcha.check(&foreign, NOW), Ok(false));

    let token = solved(&captcha, NOW);
    let challenge = token.split('.').next().unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(challenge).unwrap();
    for at in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[at] ^= 1;
        let forged = URL_SAFE_NO_PAD.encode(forged);
        let solved = (0..1000)
            .map(|counter| format!("{forged}.{counter}"))
            .find(|token| leading_zeros(token) >= 4)
            .unwrap();
        assert_eq!(captcha.check(&solved, NOW), Ok(false), "byte {at}");
    }
}

#[test]
fn a_malformed_token_is_not_taken() {
    let captcha = captcha(1);
    let challenge = proof(&captcha, NOW).challenge;
    for token in [
        "",
        ".",
        ".0",
        "0",
        &challenge,
        &format!("{challenge}."),
        &format!("{challenge}.-1"),
        &format!("{challenge}.+1"),
        &format!("{challenge}.1e3"),
        &format!("{challenge}.1.2"),
        &format!("{challenge}.٣"),
        &format!("{challenge}.{}", "0".repeat(17)),
        &format!("{}.0", &challenge[1..]),
        &format!("{challenge}=.0"),
        "ü.0",
    ] {
        assert_eq!(captcha.check(token, NOW), Ok(false), "{token}");
    }
}

#[test]
fn a_challenge_keeps_the_difficulty_that_it_was_made_with() {
    let (easy, hard) = (captcha(2), captcha(12));
    let challenge = proof(&hard, NOW);
    let halfway = (0_u64..)
        .map(|counter| format!("{}.{counter}", challenge.challenge))
        .find(|token| (2..12).contains(&leading_zeros(token)))
        .unwrap();
    assert_eq!(easy.check(&halfway, NOW), Ok(false));
}

#[test]
fn challenges_differ() {
    let captcha = captcha(17);
    let made: std::collections::HashSet<String> =
        (0..100).map(|_| proof(&captcha, NOW).challenge).collect();
    assert_eq!(made.len(), 100);
}

#[test]
fn a_difficulty_is_of_1_to_28_bits() {
    for (difficulty, is_valid) in [(0, false), (1, true), (28, true), (29, false), (255, false)] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let made = ProofOfWork::new(key, difficulty, Arc::new(SystemEntropy));
        assert_eq!(made.is_ok(), is_valid, "{difficulty}");
    }
}

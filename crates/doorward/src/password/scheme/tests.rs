use proptest::prelude::*;

use super::*;

/// 34 bytes of UTF-8.
const PASSWORD: &str = "correct horse bättery 🐎 staple";
/// 102 bytes: what bcrypt alone could not take.
fn long_password() -> String {
    format!("{}ä", "x".repeat(100))
}

fn compare(stored: &str, password: &str) -> Result<Comparison, UnusableHash> {
    let hash = StoredHash::parse(stored)?;
    Ok(hash
        .compare(password.as_bytes(), &mut Blocks::new(64))
        .unwrap())
}

/// Every hash of [`PASSWORD`], written by the library named above it.
const VECTORS: &[&str] = &[
    // argon2-cffi 25.1.0: PasswordHasher(type=…), and hash_secret(version=16).
    "$argon2id$v=19$m=64,t=2,p=1$W29yGvOZE4Gh6y3K2XDf0A$YReM+Vu+m65EU+x8VW3rQ+AOgmH73MG89UsVsl/jtPQ",
    "$argon2i$v=19$m=64,t=2,p=1$kWBEvDsE6JYF6Mue8nkiXQ$NgEggQ0u5SxBp6TdVZgQvIJ5Y/gWcTSdhJozqWIvy7I",
    "$argon2d$v=19$m=64,t=2,p=1$gTAKtBLQjYCxyk7kd+ixFQ$k2BYftVXoC6KSGn725+1GLSRVqcQHR8pCF/LkCwgY5A",
    "$argon2id$v=19$m=256,t=3,p=4$GBK8vvts+il5nBZydh5bhQ$lgZ5WHWGBQJigZd+J517IcGW46giwRtd3Fiq1rtSMRw",
    "$argon2id$v=19$m=32,t=1,p=1$gedJDaRgmnfD+d/gxrIjdQ$WmnLS2wI5PL/bj1Bt0ArmQ",
    "$argon2i$v=16$m=64,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$jePXanLne2ugu9FkG9ifwty++O2uFc+5QLArgDse9L8",
    // The same without its version, as Argon2 1.0 wrote it.
    "$argon2i$m=64,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$jePXanLne2ugu9FkG9ifwty++O2uFc+5QLArgDse9L8",
    // passlib 1.7.4: argon2, bcrypt(ident=…), pbkdf2_sha256, scrypt.
    "$argon2id$v=19$m=64,t=2,p=2$ZOyd815rbW1NKWUMoZQyxg$jHCd8WQ+ClshZiogAbmBMPviwROjexJWdPaNTcVumI8",
    "$2a$05$8N8cnMKNhNwkus4K5zdOmekMmn/2soo3x1G1HglasZdTBu1fvM7tC",
    "$2b$05$alafpYJWD1SiVHy2jT6gyeQr9uGcMP4t229dgppoa971jyxwX6NDm",
    "$2y$05$HRyfXu3AAp3fBARYN1tZH.AxnykmcSBunH..cMcvylPAccsQCtRre",
    "$pbkdf2-sha256$1000$0ZpTqtW6V2qt9d77HwMghA$yM7tAq1eJuwhGShQW/1QNvS9Nf3l3RfBet7xBAoi3aM",
    "$pbkdf2-sha256$29000$IWRMCeE8J6TUuhcihJAyxg$Ik9pJyea3PjsenXZ7/WhHgfLLRuPyrtyH97AmznXoy0",
    "$pbkdf2-sha256$100$pTRGaM1Zy9nbOyckxLj3Psc$YkscrX8TUR2pX7EIyQTrn7Zs.4Rgy.Cr1bj/6PrPv/o",
    "$pbkdf2-sha256$100$znkvxVjL.d87pzTmXCsFoDQ$wWko.zPfgE8SUtU1oMzAnf4IwTV.ekrbLshXEjBQV7k",
    "$scrypt$ln=8,r=8,p=1$RghBCOEc43zPGUPIOYfQmg$czkgW9mHJymTZdmIAPptQbDBSjMGCWyt2BbPzxpqJfI",
    "$scrypt$ln=5,r=4,p=2$tHZOyRljTCnl/F9Lac2Zcw$s4nh7hYFKKwjQHtlbEGJno2rV1HUNTy600rTQRfmzTo",
    // passlib 1.7.4: bcrypt_sha256, version 2, then version 1 with 2b and 2a.
    "$bcrypt-sha256$v=2,t=2b,r=5$8CiKHIgSktrSJYcYYusoXO$Wjv9rj1kq3IJ1T6ZE3/6zW/ck7Dbqzy",
    "$bcrypt-sha256$2b,5$qw2P8I9nFwSxl8sz7z6YhO$yz9WJF/93W.SZpmqa4N1f4pcsQpY.Be",
    "$bcrypt-sha256$2a,5$T4GgmQAr2gGGlRmcxx.k8.$L6nFyWx/X8kMDN.ALUYPqLoo/SmDLS6",
    // bcrypt 4.0.1: hashpw(gensalt(4, …)).
    "$2a$04$mID8.2BNN5LMQwVvQd6a6eQtDqlwEkmDWgmwoD1qa6C1B5cit4PhS",
    "$2b$04$bDYHDq9H/Z1QskJONBW3.e1AbNhu.HPsgsw3ApJXqLd5lE1sOatlq",
    // Django 5.2.19: the encode() of its hashers.
    "pbkdf2_sha256$1000$fixedSalt123$7e9dcW5GnOwefa29pShMy1BlUpoUfIwZ09HDniMhKjk=",
    "pbkdf2_sha256$1500$4rDPnDEqaY7KedHndl0BIb$TD/lw0OYzFotHQCD9QcVRY957GSxwBgz6bGEfK6cK/8=",
    "scrypt$256$saltysalt$8$5$dJ9DQb08mFWm9we4mGOoET7PExGYwTlDlABHjSNaQiiOgUHiBQdj1p45agYuv5W2p6WXTft+zLtaFoBGXDwGOQ==",
    "bcrypt_sha256$$2b$05$VCxbLtlppqrf1pVhVGQXAe7Gy8pRVnJMChgosw1..Wi.kVOeBueru",
    "bcrypt$$2b$05$nObVZm7DHYxUVx8fKIhK/eYZRUQCj2f32rUsTLrZ6CDxh0GHlfqba",
    "argon2$argon2id$v=19$m=64,t=2,p=8$c2FsdHNhbHRzYWx0c2FsdA$VEN9aQ7ivSqF9c0cTQZMUUTpNMDTDL3ryR5htvtqxsE",
];

#[test]
fn hashes_of_other_libraries_verify() {
    for stored in VECTORS {
        assert_eq!(compare(stored, PASSWORD), Ok(Comparison::Match), "{stored}");
        for wrong in [
            "",
            "correct horse bättery 🐎 stapl",
            "Correct horse bättery 🐎 staple",
        ] {
            assert_eq!(compare(stored, wrong), Ok(Comparison::Mismatch), "{stored}");
        }
    }
}

#[test]
fn only_our_own_kind_is_current() {
    for stored in VECTORS {
        let hash = StoredHash::parse(stored).unwrap();
        assert!(!hash.is_current(&Argon2Params::default()), "{stored}");
    }
    let current = Argon2Params::new(64, 2, 1).unwrap();
    let kinds = VECTORS
        .iter()
        .map(|stored| StoredHash::parse(stored).unwrap());
    // The first alone is argon2id, version 19, at this cost, 16 and 32 bytes long.
    assert_eq!(kinds.filter(|hash| hash.is_current(&current)).count(), 1);
}

#[test]
fn bcrypt_refuses_what_it_would_cut() {
    // bcrypt 4.0.1: hashpw() of 72 bytes.
    let of_72 = "$2b$04$TDdRIPmqIcmLi6Y2TlLLPelHaE4SxerFjbKSNhC5hXQdNuenTqMne";
    let digits = "0123456789".repeat(8);
    assert_eq!(compare(of_72, &digits[..72]), Ok(Comparison::Match));
    assert_eq!(compare(of_72, &digits[..71]), Ok(Comparison::Mismatch));
    assert_eq!(compare(of_72, &digits[..73]), Ok(Comparison::Refused));
    let wrapped = format!("bcrypt${of_72}");
    assert_eq!(compare(&wrapped, &digits[..72]), Ok(Comparison::Match));
    assert_eq!(compare(&wrapped, &digits[..73]), Ok(Comparison::Refused));
}

#[test]
fn bcrypt_refuses_a_nul() {
    // bcrypt 4.0.1: hashpw() of "abc NUL def", and of nothing.
    let of_nul = "$2b$04$sU23uopk/9RDfaoD2U3M0.IQGOGyQ6hYQK.kGnuNSUgyH1Xzp9jIW";
    let of_nothing = "$2b$04$sv1LmaZ6t14zuu8J8sQNvuGmDsH4d4YIHT3OCQOvqjB8j4qxwyeLq";
    assert_eq!(compare(of_nul, "abc\0def"), Ok(Comparison::Refused));
    assert_eq!(compare(of_nul, "abc"), Ok(Comparison::Mismatch));
    assert_eq!(compare(of_nothing, ""), Ok(Comparison::Match));
    assert_eq!(compare(of_nothing, "\0"), Ok(Comparison::Refused));
}

#[test]
fn bcrypt_of_sha256_takes_long_passwords() {
    for stored in [
        // passlib 1.7.4, bcrypt_sha256 version 2.
        "$bcrypt-sha256$v=2,t=2b,r=4$vAF7l89WRzPHlGOgUb10yO$9yj5QLdL3gL./euHwdkebJ1.yO/VxNq",
        // Django 5.2.19, BCryptSHA256PasswordHasher.
        "bcrypt_sha256$$2b$05$gWTs9jXs1hg5KnQLNLvlyu/lxywy8WlvQz3T/2Xk6g0YGm5cbTLay",
    ] {
        assert_eq!(compare(stored, &long_password()), Ok(Comparison::Match));
        assert_eq!(compare(stored, &"x".repeat(100)), Ok(Comparison::Mismatch));
        let other_end = format!("{}ö", "x".repeat(100));
        assert_eq!(compare(stored, &other_end), Ok(Comparison::Mismatch));
    }
}

#[test]
fn short_digests_are_refused() {
    for stored in [
        // argon2-cffi 25.1.0: PasswordHasher(hash_len=12).
        "$argon2id$v=19$m=32,t=1,p=1$Acg0nWeeo715VPqsjT3h5w$f2iH6oCcToSwRPqL",
        "$argon2id$v=19$m=32,t=1,p=1$Acg0nWeeo715VPqsjT3h5w$",
        "$pbkdf2-sha256$1000$0ZpTqtW6V2qt9d77HwMghA$yM7tAq1eJuwhGShQW/1Q",
        "$pbkdf2-sha256$1000$0ZpTqtW6V2qt9d77HwMghA$",
        "pbkdf2_sha256$1000$fixedSalt123$",
        "pbkdf2_sha256$1000$fixedSalt123$7e9d",
        "$scrypt$ln=8,r=8,p=1$RghBCOEc43zPGUPIOYfQmg$czkgW9mHJymTZdmIAPpt",
        "scrypt$256$saltysalt$8$5$dJ9D",
    ] {
        let refused = compare(stored, PASSWORD);
        assert_eq!(refused, Err(UnusableHash::DigestTooShort), "{stored}");
    }
}

#[test]
fn one_hash_cannot_ask_for_minutes_or_gigabytes() {
    let salt_and_digest = "$c29tZXNhbHQxMjM0NTY3OA$jePXanLne2ugu9FkG9ifwty++O2uFc+5QLArgDse9L8";
    for params in [
        "$argon2id$v=19$m=262145,t=1,p=1",
        "$argon2id$v=19$m=262144,t=17,p=1",
        "$argon2id$v=19$m=8,t=4294967295,p=1",
        "$argon2id$v=19$m=4294967295,t=1,p=1",
        "$argon2id$v=19$m=99999999999,t=1,p=1",
        "$argon2id$v=19$m=65536,t=1,p=65",
        "argon2$argon2id$v=19$m=262145,t=1,p=1",
        "$pbkdf2-sha256$10000001",
        "pbkdf2_sha256$4294967296",
        "$scrypt$ln=19,r=8,p=1",
        "$scrypt$ln=14,r=8,p=65",
        "$scrypt$ln=63,r=8,p=1",
        "$scrypt$ln=64,r=1,p=1",
        "$scrypt$ln=300,r=1,p=1",
        "$scrypt$ln=1,r=4294967295,p=4294967295",
        "$scrypt$ln=1,r=1,p=4294967295",
    ] {
        let refused = compare(&format!("{params}{salt_and_digest}"), PASSWORD);
        assert_eq!(refused, Err(UnusableHash::TooCostly), "{params}");
    }
    for stored in [
        "$2b$17$alafpYJWD1SiVHy2jT6gyeQr9uGcMP4t229dgppoa971jyxwX6NDm",
        "$2b$99$alafpYJWD1SiVHy2jT6gyeQr9uGcMP4t229dgppoa971jyxwX6NDm",
        "bcrypt$$2b$31$nObVZm7DHYxUVx8fKIhK/eYZRUQCj2f32rUsTLrZ6CDxh0GHlfqba",
        "bcrypt_sha256$$2b$17$VCxbLtlppqrf1pVhVGQXAe7Gy8pRVnJMChgosw1..Wi.kVOeBueru",
        "$bcrypt-sha256$v=2,t=2b,r=17$8CiKHIgSktrSJYcYYusoXO$Wjv9rj1kq3IJ1T6ZE3/6zW/ck7Dbqzy",
        "$bcrypt-sha256$2a,32$T4GgmQAr2gGGlRmcxx.k8.$L6nFyWx/X8kMDN.ALUYPqLoo/SmDLS6",
        "scrypt$2147483648$saltysalt$8$1$dJ9DQb08mFWm9we4mGOoET7PExGYwTlDlABHjSNaQig=",
    ] {
        let refused = compare(stored, PASSWORD);
        assert_eq!(refused, Err(UnusableHash::TooCostly), "{stored}");
    }
}

#[test]
fn other_texts_are_malformed() {
    let digest = "jePXanLne2ugu9FkG9ifwty++O2uFc+5QLArgDse9L8";
    let salt = "c29tZXNhbHQxMjM0NTY3OA";
    for stored in [
        format!("$argon2id$v=20$m=64,t=2,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=64,t=2${salt}${digest}"),
        format!("$argon2id$v=19$t=2,m=64,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=64,t=2,p=1,data=AAAA${salt}${digest}"),
        format!("$argon2id$v=19$m=064,t=2,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=+64,t=2,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=64,t=0,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=64,t=2,p=0${salt}${digest}"),
        format!("$argon2id$v=19$m=7,t=2,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=64,t=2,p=1$c2FsdA${digest}"),
        format!("$argon2id$v=19$m=64,t=2,p=1${salt}${digest}$"),
        format!("$argon2id$v=19$m=64,t=2,p=1${salt}${digest}\n"),
        format!("$argon2id$v=19$m=64,t=2,p=1${salt}$%%%%{digest}"),
        format!("argon2$argon2x$v=19$m=64,t=2,p=1${salt}${digest}"),
        format!("$pbkdf2-sha256$0${salt}${digest}"),
        format!("pbkdf2_sha256$1000${digest}"),
        format!("scrypt$255$salt$8$5${digest}"),
        format!("scrypt$0$salt$8$5${digest}"),
        format!("scrypt$1$salt$8$5${digest}"),
        format!("$scrypt$ln=0,r=8,p=1${salt}${digest}"),
        format!("$scrypt$ln=8,r=0,p=1${salt}${digest}"),
        format!("$scrypt$ln=8,r=8,p=0${salt}${digest}"),
        format!("$argon2id${}", "x".repeat(3000)),
        "$2b$".to_owned(),
        "$2b$05$".to_owned(),
        "$2b$03$alafpYJWD1SiVHy2jT6gyeQr9uGcMP4t229dgppoa971jyxwX6NDm".to_owned(),
        "$2b$5$alafpYJWD1SiVHy2jT6gyeQr9uGcMP4t229dgppoa971jyxwX6NDm".to_owned(),
        "$2b$05$alafpYJWD1SiVHy2jT6gyeQr9uGcMP4t229dgppoa971jyxwX6ND".to_owned(),
        "$2b$05$alafpYJWD1SiVHy2jT6g€QBr9uGcMP4t229dgppoa971jyxwX6NDm".to_owned(),
        "bcrypt$$2x$05$nObVZm7DHYxUVx8fKIhK/eYZRUQCj2f32rUsTLrZ6CDxh0GHlfqba".to_owned(),
        "$bcrypt-sha256$v=3,t=2b,r=5$8CiKHIgSktrSJYcYYusoXO$Wjv9rj1kq3IJ1T6ZE3/6zW/ck7Dbqzy"
            .to_owned(),
        "$bcrypt-sha256$v=2,t=2a,r=5$8CiKHIgSktrSJYcYYusoXO$Wjv9rj1kq3IJ1T6ZE3/6zW/ck7Dbqzy"
            .to_owned(),
    ] {
        assert_eq!(
            compare(&stored, PASSWORD),
            Err(UnusableHash::Malformed),
            "{stored}"
        );
    }
}

#[test]
fn other_schemes_are_unknown() {
    for stored in [
        "",
        "$",
        "$$",
        "!",
        "plain",
        "md5$salt$0123",
        "$1$salt$digest",
        "$2x$05$x",
        "$2$05$x",
        "$5$rounds=1000$x$y",
        "argon2id$v=19$x",
        "$argon2$x",
        "$bcrypt$x",
        "2b$05$x",
        "ARGON2$x",
    ] {
        assert_eq!(
            compare(stored, PASSWORD),
            Err(UnusableHash::UnknownScheme),
            "{stored}"
        );
    }
}

#[test]
fn unused_bits_of_the_last_character_are_ignored() {
    // The last character of the salt holds two bits of it and four of nothing.
    let clean = "$2b$05$alafpYJWD1SiVHy2jT6gyeQr9uGcMP4t229dgppoa971jyxwX6NDm";
    let unclean = clean.replacen("gyeQr9", "gyfQr9", 1);
    assert_eq!(compare(&unclean, PASSWORD), Ok(Comparison::Match));
}

/// A vector whose computation is cheap, with a few edits.
fn mutated() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), any::<char>(), 0..4_u8);
    (
        prop::sample::select(VECTORS),
        prop::collection::vec(edit, 1..4),
    )
        .prop_map(|(stored, edits)| {
            let mut chars: Vec<char> = stored.chars().collect();
            for (index, new, kind) in edits {
                let at = index.index(chars.len().max(1));
                match kind {
                    0 if at < chars.len() => drop(chars.remove(at)),
                    1 => chars.insert(at, new),
                    2 => chars.truncate(at),
                    _ if at < chars.len() => chars[at] = new,
                    _ => chars.push(new),
                }
            }
            chars.into_iter().collect()
        })
}

impl StoredHash {
    /// Whether a test can afford to compute it some hundred times.
    fn is_cheap(&self) -> bool {
        match self {
            Self::Argon2(hash) => {
                let passes = u64::from(hash.params.iterations());
                passes * u64::from(hash.params.memory_kib()) <= 1024
            }
            Self::Bcrypt(hash) => hash.cost <= 5,
            Self::BcryptSha256(hash) => hash.outer.cost <= 5,
            Self::Pbkdf2Sha256(hash) => hash.iterations.get() <= 2000,
            Self::Scrypt(hash) => {
                let params = &hash.params;
                params.n() * u64::from(params.r()) * u64::from(params.p()) <= 16_384
            }
        }
    }
}

/// Parses, and compares where that takes little time.
fn survives(stored: &str, password: &str) {
    let Ok(hash) = StoredHash::parse(stored) else {
        return;
    };
    if hash.is_cheap() {
        let _ = hash
            .compare(password.as_bytes(), &mut Blocks::new(64))
            .unwrap();
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(stored in any::<String>(), password in any::<String>()) {
        survives(&stored, &password);
    }

    #[test]
    fn no_text_of_the_alphabet_makes_it_panic(
        scheme in prop::sample::select(&[
            "$argon2id$", "argon2$argon2i$", "$2b$", "bcrypt$$2a$", "$bcrypt-sha256$",
            "bcrypt_sha256$$2b$", "$pbkdf2-sha256$", "pbkdf2_sha256$", "$scrypt$", "scrypt$",
        ][..]),
        rest in "[$,=a-z0-9./+]{0,90}",
        password in any::<String>(),
    ) {
        survives(&format!("{scheme}{rest}"), &password);
    }

    #[test]
    fn no_change_of_a_valid_hash_makes_it_panic(stored in mutated(), password in any::<String>()) {
        survives(&stored, &password);
    }
}

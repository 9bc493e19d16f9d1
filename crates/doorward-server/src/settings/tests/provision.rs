//! Secrets that are made once and kept.

use std::cell::Cell;
use std::path::Path;
use std::sync::Barrier;

use super::{Case, GOOD_KEY};
use crate::settings::{Provisioned, Settings};

/// A random source that counts, so that no two secrets are alike.
fn counting(start: u8) -> impl Fn(&mut [u8]) {
    let next = Cell::new(start);
    move |bytes| {
        for byte in bytes {
            *byte = next.get();
            next.set(next.get().wrapping_add(1));
        }
    }
}

fn in_folder_data() -> Case {
    Case::new().variable("DATA_DIR", "data")
}

fn provision(settings: &Settings, start: u8) -> Provisioned {
    settings.provision_secrets(&counting(start)).unwrap()
}

fn password(provisioned: &Provisioned) -> &str {
    provisioned
        .first_superuser_password
        .as_ref()
        .unwrap()
        .expose()
}

#[test]
fn missing_secrets_are_made_once_and_kept() {
    let case = in_folder_data();
    let first = provision(&case.load(), 0);
    assert_eq!(first.secret_key.expose().len(), 64);
    assert!(
        first
            .secret_key
            .expose()
            .starts_with("000102030405060708090a0b0c0d0e0f10")
    );
    // The source goes on at 32 where the key has ended.
    assert_eq!(password(&first), "abcde-fghij-kmnpq-rstuv");
    assert!(
        first
            .kept
            .iter()
            .all(|kept| kept.is_new && !kept.is_exposed)
    );

    let second = provision(&case.load(), 100);
    assert_eq!(second.secret_key, first.secret_key);
    assert_eq!(password(&second), password(&first));
    assert!(second.kept.iter().all(|kept| !kept.is_new));
    assert_eq!(
        second.kept.iter().map(|kept| kept.name).collect::<Vec<_>>(),
        ["SECRET_KEY", "FIRST_SUPERUSER_PASSWORD"]
    );
}

#[test]
fn a_made_password_can_be_typed() {
    let provisioned = provision(&in_folder_data().load(), 7);
    let groups: Vec<&str> = password(&provisioned).split('-').collect();
    assert_eq!(
        groups.iter().map(|group| group.len()).collect::<Vec<_>>(),
        [5, 5, 5, 5]
    );
    assert!(!password(&provisioned).contains(['l', 'o', '0', '1']));
}

#[test]
fn configured_secrets_are_taken_and_nothing_is_written() {
    let case = in_folder_data()
        .variable("ENVIRONMENT", "development")
        .variable("SECRET_KEY", GOOD_KEY)
        .variable("FIRST_SUPERUSER_PASSWORD", "from the operator");
    let provisioned = case
        .load()
        .provision_secrets(&|_| panic!("nothing is made"))
        .unwrap();
    assert_eq!(provisioned.secret_key.expose(), GOOD_KEY);
    assert_eq!(password(&provisioned), "from the operator");
    assert!(provisioned.kept.is_empty());
    assert!(!case.folder.path().join("data").exists());
}

#[test]
fn a_key_that_is_only_looked_for_is_not_made() {
    let case = in_folder_data();
    assert_eq!(case.load().find_secret_key().unwrap(), None);
    assert!(!case.folder.path().join("data").exists());

    let kept = provision(&case.load(), 0).secret_key;
    assert_eq!(case.load().find_secret_key().unwrap(), Some(kept));
    let path = case.folder.path().join("data/secret_key");
    std::fs::write(path, "half of a ke").unwrap();
    let error = case.load().find_secret_key().unwrap_err().to_string();
    assert!(error.contains("is empty or cut short"), "{error}");

    let case = case.variable("SECRET_KEY", GOOD_KEY);
    let configured = case.load().find_secret_key().unwrap().unwrap();
    assert_eq!(configured.expose(), GOOD_KEY);
    // No server runs in production with a key that was made.
    let case = in_folder_data();
    provision(&case.load(), 0);
    let production = case.variable("ENVIRONMENT", "production");
    let settings = production.load_for_command();
    assert_eq!(settings.find_secret_key().unwrap(), None);
}

#[test]
fn reading_the_settings_writes_nothing() {
    let case = in_folder_data();
    case.load();
    assert_eq!(std::fs::read_dir(case.folder.path()).unwrap().count(), 0);
}

#[test]
fn nothing_but_the_secrets_stays_in_the_folder() {
    let case = in_folder_data();
    provision(&case.load(), 0);
    let mut names: Vec<_> = std::fs::read_dir(case.folder.path().join("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["first_superuser_password", "secret_key"]);
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
#[test]
fn the_owner_alone_may_read_what_is_kept() {
    let case = in_folder_data();
    provision(&case.load(), 0);
    let folder = case.folder.path().join("data");
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("secret_key")), 0o600);
    assert_eq!(mode(&folder.join("first_superuser_password")), 0o600);
}

#[cfg(unix)]
#[test]
fn a_kept_secret_that_others_may_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let case = in_folder_data();
    provision(&case.load(), 0);
    let path = case.folder.path().join("data/secret_key");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let kept = provision(&case.load(), 0).kept;
    assert_eq!((kept[0].is_exposed, kept[1].is_exposed), (true, false));
    assert_eq!(kept[0].path, path);
}

#[cfg(unix)]
#[test]
fn a_folder_that_exists_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let case = in_folder_data();
    let folder = case.folder.path().join("data");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    provision(&case.load(), 0);
    assert_eq!(mode(&folder), 0o755);
}

#[test]
fn the_slower_of_two_starts_takes_what_the_faster_has_made() {
    let case = in_folder_data();
    let settings = case.load();
    let winner = Cell::new(None);
    // While the slower one draws its secret, the faster one does all of its work.
    let slow = |bytes: &mut [u8]| {
        if winner.take().is_none() {
            winner.set(Some(provision(&settings, 1)));
        }
        bytes.fill(99);
    };
    let slower = settings.provision_secrets(&slow).unwrap();
    let faster = winner.take().unwrap();
    assert_eq!(slower.secret_key, faster.secret_key);
    assert_eq!(password(&slower), password(&faster));
    assert!(slower.kept.iter().all(|kept| !kept.is_new));
    assert!(faster.kept.iter().all(|kept| kept.is_new));
}

#[test]
fn many_starts_at_once_agree() {
    let case = in_folder_data();
    let settings = case.load();
    let barrier = Barrier::new(16);
    let all: Vec<Provisioned> = std::thread::scope(|scope| {
        let start = |number: u8| {
            let (barrier, settings) = (&barrier, &settings);
            scope.spawn(move || {
                barrier.wait();
                provision(settings, number * 15)
            })
        };
        let threads: Vec<_> = (0..16).map(start).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(
        all.iter()
            .all(|one| one.secret_key == all[0].secret_key && password(one) == password(&all[0]))
    );
    for index in 0..2 {
        assert_eq!(all.iter().filter(|one| one.kept[index].is_new).count(), 1);
    }
}

#[test]
fn the_remnant_of_a_crash_is_no_hindrance() {
    let case = in_folder_data();
    let folder = case.folder.path().join("data");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(".secret_key.draft-0"), "half").unwrap();
    assert_eq!(provision(&case.load(), 0).secret_key.expose().len(), 64);
}

#[test]
fn a_file_that_is_cut_short_is_refused() {
    for content in ["", "\n", "half of a ke"] {
        let case = in_folder_data();
        let folder = case.folder.path().join("data");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("secret_key"), content).unwrap();
        let error = case
            .load()
            .provision_secrets(&counting(0))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("SECRET_KEY: the file "), "{error}");
        assert!(
            error.contains("is empty or cut short: delete it to have a new one made"),
            "{error}"
        );
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let case = in_folder_data().file("data", "a file where the folder should be");
    let error = case
        .load()
        .provision_secrets(&counting(0))
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("SECRET_KEY: the "), "{error}");
    assert!(
        error.ends_with("set SECRET_KEY, or DATA_DIR to a folder that can be written"),
        "{error}"
    );
}

#[test]
fn secrets_hide_from_debug() {
    let provisioned = provision(&in_folder_data().load(), 0);
    let text = format!("{provisioned:?}");
    assert!(!text.contains(provisioned.secret_key.expose()));
    assert!(!text.contains(password(&provisioned)));
}

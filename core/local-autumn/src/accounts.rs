//! Two made-up people and their three organizations.

/// An organization. It owns keys and customers.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Organization {
    /// The id, `org_id` in responses.
    pub id: &'static str,
    /// The short name in URLs.
    pub slug: &'static str,
    /// The display name.
    pub name: &'static str,
}

/// A person who can sign in without a password.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Person {
    /// The id, `user_id` in responses.
    pub id: &'static str,
    /// The email address.
    pub email: &'static str,
    /// The full name.
    pub name: &'static str,
    /// The organizations of which the person is a member.
    pub organizations: &'static [&'static Organization],
    /// The organization of the person's first session.
    pub home: &'static Organization,
}

static COPPER_KETTLE: Organization =
    Organization { id: "org_6QzTnV2kCopperKettle", slug: "copper-kettle", name: "Copper Kettle" };
static NIGHT_LIBRARY: Organization =
    Organization { id: "org_9XwLmD4rNightLibrary", slug: "night-library", name: "Night Library" };
static PAPER_LANTERN: Organization =
    Organization { id: "org_3HsBpY7fPaperLantern", slug: "paper-lantern", name: "Paper Lantern" };

static ORGANIZATIONS: &[&Organization] = &[&COPPER_KETTLE, &NIGHT_LIBRARY, &PAPER_LANTERN];

static PEOPLE: &[Person] = &[
    Person {
        id: "usr_Ada8fK2mQ",
        email: "ada@example.com",
        name: "Ada Blume",
        organizations: &[&COPPER_KETTLE, &NIGHT_LIBRARY],
        home: &NIGHT_LIBRARY,
    },
    Person {
        id: "usr_Ben5tR9wX",
        email: "ben@example.com",
        name: "Ben Oduya",
        organizations: &[&PAPER_LANTERN],
        home: &PAPER_LANTERN,
    },
];

/// All people who can sign in.
#[must_use]
pub fn people() -> &'static [Person] {
    PEOPLE
}

/// All organizations.
#[must_use]
pub fn organizations() -> &'static [&'static Organization] {
    ORGANIZATIONS
}

/// Finds a person by id or email.
pub(crate) fn person(name: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.id == name || person.email == name)
}

/// Finds the first member of an organization by its id or slug.
pub(crate) fn member_of(organization: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.organization(organization).is_some())
}

/// Finds an organization by id or slug.
pub(crate) fn organization(name: &str) -> Option<&'static Organization> {
    ORGANIZATIONS.iter().copied().find(|organization| organization.id == name || organization.slug == name)
}

impl Person {
    /// Finds an organization of this person by id or slug.
    pub(crate) fn organization(&self, name: &str) -> Option<&'static Organization> {
        organization(name).filter(|organization| self.organizations.contains(organization))
    }
}

//! Behaviour tests, with real files, processes and readers.

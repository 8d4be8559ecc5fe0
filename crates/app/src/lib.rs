//! The use cases, one function each: what the window, the command line and agents call.

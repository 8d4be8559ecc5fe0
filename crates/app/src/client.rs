//! The TypeScript client, generated from the declared use cases.

use std::{
    any::TypeId,
    collections::{BTreeMap, HashSet},
    fmt,
};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{IgnoredAny, MapAccess, Visitor},
};
use ts_rs::{Config, TS, TypeVisitor};

use crate::{registry::USE_CASES, use_case::UseCase};

/// The arguments of a use case that takes none: `{}`, or nothing at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
pub struct Nothing {}

impl<'de> Deserialize<'de> for Nothing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct None;
        impl<'de> Visitor<'de> for None {
            type Value = Nothing;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no arguments: {}, or nothing")
            }

            fn visit_unit<E>(self) -> Result<Nothing, E> {
                Ok(Nothing {})
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Nothing, A::Error> {
                // As everywhere, what is not known is passed over.
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Nothing {})
            }
        }
        deserializer.deserialize_any(None)
    }
}

/// The reply of a use case that has nothing to say but that it was done.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct Done {}

/// The TypeScript declarations gathered so far.
#[derive(Default)]
pub struct Types {
    declarations: BTreeMap<String, String>,
    seen: HashSet<TypeId>,
}

/// The TypeScript of one use case.
pub struct Signature {
    args: Option<String>,
    reply: String,
}

fn config() -> Config {
    Config::default()
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            let config = config();
            let docs = T::docs().unwrap_or_default();
            self.declarations
                .insert(T::ident(&config), format!("{docs}export {}", T::decl_concrete(&config)));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

pub(crate) fn signature<A: TS + 'static, R: TS + 'static>(types: &mut Types) -> Signature {
    let config = config();
    let nothing = TypeId::of::<A>() == TypeId::of::<Nothing>();
    if !nothing {
        types.visit::<A>();
    }
    let done = TypeId::of::<R>() == TypeId::of::<Done>();
    if !done {
        types.visit::<R>();
    }
    Signature {
        args: (!nothing).then(|| A::name(&config)),
        reply: if done { "Record<string, never>".to_owned() } else { R::name(&config) },
    }
}

/// The whole file.
pub fn generate() -> String {
    let mut types = Types::default();
    let signatures: Vec<(&UseCase, Signature)> =
        USE_CASES.iter().map(|use_case| (use_case, (use_case.types)(&mut types))).collect();

    let mut out = String::from(
        "// Generated from the use cases in crates/app/src/registry.rs by `cargo xtask client`. Do not edit.\n\
         import { invoke } from \"@tauri-apps/api/core\";\n\n\
         export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };\n\n",
    );
    for declaration in types.declarations.values() {
        out.push_str(declaration.trim());
        out.push_str("\n\n");
    }
    out.push_str(
        "export interface UseCase {\n  provides: readonly string[];\n  invalidates: readonly string[];\n  role: \
         string;\n  dry_run: boolean;\n}\n\nexport const useCases = {\n",
    );
    for (use_case, _) in &signatures {
        out.push_str(&format!(
            "  {}: {{ provides: {}, invalidates: {}, role: {}, dry_run: {} }},\n",
            use_case.name,
            text(&use_case.provides),
            text(&use_case.invalidates),
            text(&use_case.role),
            use_case.dry_run
        ));
    }
    out.push_str(
        "} as const satisfies Record<string, UseCase>;\n\nexport type UseCaseName = keyof typeof useCases;\n\n\
         const call = <T>(name: UseCaseName, args: object = {}): Promise<T> => invoke<T>(\"use_case\", { name, args \
         });\n\n",
    );
    for (use_case, signature) in &signatures {
        let reply = if use_case.binary { "ArrayBuffer" } else { signature.reply.as_str() };
        out.push_str(&match &signature.args {
            Some(args) => format!(
                "export const {0} = (args: {args}): Promise<{reply}> => call(\"{0}\", args);\n",
                use_case.name
            ),
            None => format!("export const {0} = (): Promise<{reply}> => call(\"{0}\");\n", use_case.name),
        });
    }
    out
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_arguments_may_be_written_as_nothing_or_as_an_empty_object() {
        for none in [json!(null), json!({}), json!({ "unknown": 1 })] {
            assert_eq!(serde_json::from_value::<Nothing>(none).unwrap(), Nothing {});
        }
        assert!(serde_json::from_value::<Nothing>(json!([1])).is_err());
        assert!(serde_json::from_value::<Nothing>(json!("x")).is_err());
    }
}

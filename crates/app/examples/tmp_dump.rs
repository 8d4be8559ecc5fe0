//! tmp
use catena_app::{
    App,
    environment::real,
    events::Unheard,
    lineage,
    places::Places,
    session::{Caller, Session},
    use_case::Role,
};
use catena_model::actor::{Act, Actor, Origin};
use std::{io::Write, path::Path, sync::Arc};
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let session = Session::open(Path::new("/tmp/real/s.catena"), real())?;
    let app = App::new(
        real(),
        Places { data: "/tmp/real".into(), sample: None },
        Caller { act: Act { actor: Actor::Catena, origin: Origin::Import, cause: None }, role: Role::Admin },
        Arc::new(Unheard),
    );
    app.enter(Some(session));
    // lines of: name json-args
    let mut line = String::new();
    while std::io::stdin().read_line(&mut line)? > 0 {
        let (name, args) = line.trim().split_once(' ').ok_or("x")?;
        let bytes = lineage::view(&app, serde_json::from_str(args)?)?;
        std::fs::File::create(format!("/tmp/real/{name}.bin"))?.write_all(&bytes)?;
        line.clear();
    }
    Ok(())
}

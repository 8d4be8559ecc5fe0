//! Experiments.

use catena_model::{field::Single, kind::Kind, statement::Read};
use serde_json::json;

use super::{
    mapping::{Mapping, note, present, tell_lifecycle, tell_tags},
    rest::Experiment,
};

impl Mapping {
    /// What an experiment says.
    pub fn experiment(&self, experiment: &Experiment) -> Read {
        let place = format!("experiment {}", experiment.experiment_id);
        let thing = self.thing(Kind::Experiment, "experiments", &experiment.experiment_id, &place)?;
        let mut telling = self.telling();
        telling.exists(&thing);
        telling.text(&thing, Single::Name, Some(&experiment.name));
        telling.text(&thing, Single::Description, note(None, &experiment.tags));
        tell_lifecycle(&mut telling, &thing, experiment.lifecycle_stage.as_deref());
        tell_tags(&mut telling, &thing, &experiment.tags);
        let body = present(
            [
                ("artifact_location", json!(experiment.artifact_location)),
                ("creation_time", json!(experiment.creation_time)),
                ("last_update_time", json!(experiment.last_update_time)),
            ],
            &experiment.other,
        );
        telling.facet(&thing, "experiment", body);
        self.record(place, telling)
    }
}

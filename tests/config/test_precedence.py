"""Flag over environment over file over default, for every setting there is."""

import pytest

from appliance.config.loading import OriginKind
from appliance.config.options import FIELDS

# name: (flag, environment, file), each as it is written there and different from the default
VALUES = {
    "host": ("10.0.0.1", "10.0.0.2", '"10.0.0.3"'),
    "port": (7001, "7002", "7003"),
    "allowed_hosts": ("a.lab", "b.lab,c.lab", '["d.lab"]'),
    "models_dir": ("/a", "/b", '"/c"'),
    "run_demo": (True, "true", "true"),
    "worker_threads": (5, "6", "7"),
    "gpu_layers": (1, "2", "3"),
    "log_level": ("debug", "warning", '"error"'),
    "log_to_terminal": (False, "false", "false"),
    "queue_limit": (1, "2", "3"),
    "queue_timeout_s": (1.5, "2.5", "3.5"),
    "batch_timeout_s": (1.5, "2.5", "3.5"),
    "person_running_limit": (1, "2", "3"),
    "person_waiting_limit": (1, "2", "3"),
    "requests_per_minute": (1, "2", "3"),
    "tokens_per_minute": (1, "2", "3"),
    "moderation_model": ("a", "b@q8", '"c.d"'),
    "guard_percent": (1, "2", "3"),
    "upstreams": (True, "true", "true"),
    "offline": (True, "true", "true"),
    "exam": (True, "true", "true"),
    "catalog_refresh_hours": (1, "2", "3"),
    "proxy": ("http://proxy:1", "https://b.lab", '"http://[::1]:3128"'),
    "ca_file": ("/a", "/b", '"/c"'),
    "sync_hours": (1, "2", "3"),
    "share_weights": (True, "true", "true"),
    "hub": ("http://127.0.0.1:1", "https://b.lab/hf", '"https://c.lab"'),
    "hub_token_file": ("/a", "/b", '"/c"'),
    "download_connections": (1, "2", "3"),
    "download_mib_s": (1, "2", "3"),
    "plain_http": ("all", "all", '"all"'),
    "aliases": ("A=m", "b=m,c=m@q8", '["d/e:f=m"]'),
    "cors_origins": ("http://a:1", "https://b.lab,http://c.lab", '["http://[::1]:3000"]'),
    "docs_access": ("key", "loopback", '"off"'),
    "metrics_access": ("open", "loopback", '"off"'),
    "gpus": ("0,1", "0-1", '"0-2,4"'),
    "worker_memory_mib": (1, "2", "3"),
    "worker_user": ("a", "b", '"c"'),
    "networked_workers": (True, "true", "true"),
    "ray_address": ("a.lab:1", "10.0.0.2:6379", '"[::1]:6379"'),
    "body_limit_bytes": (2001, "2002", "2003"),
    "file_limit_bytes": (2001, "2002", "2003"),
    "file_days": (1, "2", "3"),
    "sample_content_days": (1, "2", "3"),
    "usage_days": (1, "2", "3"),
    "decision_days": (1, "2", "3"),
    "incident_days": (1, "2", "3"),
    "sample_days": (1, "2", "3"),
    "report_days": (1, "2", "3"),
    "log_days": (1, "2", "3"),
    "person_files_bytes": (2001, "2002", "2003"),
    "person_files_limit": (1, "2", "3"),
    "batch_lines": (1, "2", "3"),
    "rehash_days": (1, "2", "3"),
    "prepare_timeout_s": (1.5, "2.5", "3.5"),
    "drain_timeout_s": (1.5, "2.5", "3.5"),
    "header_timeout_s": (1.5, "2.5", "3.5"),
    "body_timeout_s": (1.5, "2.5", "3.5"),
    "write_timeout_s": (1.5, "2.5", "3.5"),
    "lan_host": ("10.0.0.1", "10.0.0.2", '"fd00::3"'),
    "lan_port": (1, "2", "3"),
    "class_port": (1, "2", "3"),
    "tls_cert_file": ("/a", "/b", '"/c"'),
    "tls_key_file": ("/a", "/b", '"/c"'),
    "mdns": ("a", "b-2", '"c"'),
    "alert_level": ("warn", "urgent", '"warn"'),
    "alert_mail_to": ("a@a.lab", "a@b.lab,a@c.lab", '["a@d.lab"]'),
    "alert_mail_from": ("z@a.lab", "b@b.lab", '"c@c.lab"'),
    "smtp_host": ("mail.lab", "b.lab", '"::1"'),
    "smtp_port": (1, "2", "3"),
    "smtp_tls": ("tls", "off", '"tls"'),
    "smtp_user": ("a", "b", '"c"'),
    "smtp_password_file": ("/a", "/b", '"/c"'),
    "alert_webhook": ("http://127.0.0.1:1/a", "https://b.lab/hook", '"https://c.lab"'),
    "alert_webhook_secret_file": ("/a", "/b", '"/c"'),
    "alert_waiting_hours": (1, "2", "3"),
    "alert_disk_mib": (1, "2", "3"),
}
READ = {
    "true": True,
    "false": False,
    "b.lab,c.lab": ("b.lab", "c.lab"),
    '["d.lab"]': ("d.lab",),
    "a.lab": ("a.lab",),
    "a@a.lab": ("a@a.lab",),
    "a@b.lab,a@c.lab": ("a@b.lab", "a@c.lab"),
    '["a@d.lab"]': ("a@d.lab",),
    "A=m": ("A=m",),
    "b=m,c=m@q8": ("b=m", "c=m@q8"),
    '["d/e:f=m"]': ("d/e:f=m",),
    "http://a:1": ("http://a:1",),
    "https://b.lab,http://c.lab": ("https://b.lab", "http://c.lab"),
    '["http://[::1]:3000"]': ("http://[::1]:3000",),
}


def as_read(written: object) -> object:
    if not isinstance(written, str):
        return written
    if written in READ:
        return READ[written]
    plain = written.strip('"')
    if written != plain:
        return plain
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return plain


def test_the_table_of_this_test_has_every_setting():
    assert list(VALUES) == list(FIELDS)


@pytest.mark.parametrize("name", VALUES)
def test_each_source_overrules_the_ones_below_it(machine, name):
    flag, variable, written = VALUES[name]
    assert machine.load().origins[name][0].kind is OriginKind.DEFAULT
    machine.file.write_text(f"{name} = {written}\n")
    from_file = machine.load()
    machine.environ[f"CARREL_{name.upper()}"] = variable
    from_environment = machine.load()
    from_flag = machine.load(**{name: flag})

    assert getattr(from_file, name) == as_read(written)
    assert getattr(from_environment, name) == as_read(variable)
    assert getattr(from_flag, name) == as_read(flag)


@pytest.mark.parametrize("name", VALUES)
def test_every_value_knows_all_its_origins_with_the_winner_first(machine, name):
    flag, variable, written = VALUES[name]
    machine.file.write_text(f"{name} = {written}\n")
    machine.environ[f"CARREL_{name.upper()}"] = variable
    origins = machine.load(**{name: flag}).origins[name]

    assert [one.kind for one in origins] == list(OriginKind)
    assert origins[0].detail == "--" + name.replace("_", "-")
    assert origins[1].detail == f"CARREL_{name.upper()}"
    assert origins[2].detail == str(machine.file)


def test_a_flag_that_was_not_given_overrules_nothing(machine):
    machine.environ["CARREL_PORT"] = "8000"
    assert machine.load(port=None).port == 8000


def test_the_hub_library_s_own_variable_counts_where_ours_is_not_set(machine):
    machine.file.write_text('hub = "https://file.lab"\n')
    machine.environ["HF_ENDPOINT"] = "https://mirror.lab/"
    assert machine.load().hub == "https://mirror.lab"
    assert machine.load().origins["hub"][0].detail == "HF_ENDPOINT"

    machine.environ["CARREL_HUB"] = "https://ours.lab"
    assert machine.load().hub == "https://ours.lab"


def test_an_empty_variable_counts_as_not_set(machine):
    machine.environ["CARREL_PORT"] = ""
    assert machine.load().port == 7411


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (16, 15)])
def test_worker_threads_are_all_cores_but_one_and_at_least_one(machine, cores, threads):
    machine.cores = cores
    assert machine.load().worker_threads == threads


def test_the_models_folder_moves_with_its_setting(machine):
    machine.environ["CARREL_MODELS_DIR"] = "/srv/models"
    settings = machine.load()
    assert str(settings.places.models_dir) == settings.models_dir == "/srv/models"


def test_workers_get_their_part_of_the_environment_and_no_more(machine):
    passed = {"PATH": "/bin", "LANG": "C", "CUDA_VISIBLE_DEVICES": "1", "OMP_NUM_THREADS": "2"}
    machine.environ |= passed | {"OPENAI_API_KEY": "sk-1", "HOME": "/home/me", "CARREL_API_KEY": "crl_1"}
    assert machine.load().child_environment == passed

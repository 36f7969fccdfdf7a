# shellcheck shell=bash
# What an install ends with where it was asked for: a model that answers. Read by install.sh, whose words and
# variables it uses. --demo takes the bundled demo model, --model any other: fetched, or taken from the bundle,
# verified, fitted, run and asked through the HTTP API as a student would.

# shellcheck disable=SC2034  # install.sh reads them
MODEL="" LICENSE_HASH="" LICENSE_AS="" LICENSE_PURPOSE="" CONDUCT_HASH="" TRUST_KEY="" CHOSEN_PORT=7411
readonly QUESTION="Which port does Carrel listen on?" FIRST_QUESTION="Say in one sentence what you can help me with."

check_first_model() {
  if [[ $FIRST == none || $FIRST == demo ]]; then
    [[ -z "$LICENSE_HASH$LICENSE_AS$LICENSE_PURPOSE$CONDUCT_HASH$TRUST_KEY" ]] ||
      refuse_usage "--accept-license, --accept-as, --purpose, --sign-conduct and --trust-key go with --model"
  elif [[ -n "$LICENSE_HASH" && (-z "$LICENSE_AS" || -z "$LICENSE_PURPOSE") ]]; then
    refuse_usage "--accept-license needs --accept-as \"NAME, ROLE\" and --purpose TEXT: an acceptance is recorded"
  elif [[ -n "$CONDUCT_HASH" && (-z "$LICENSE_AS" || -z "$LICENSE_PURPOSE") ]]; then
    refuse_usage "--sign-conduct needs --accept-as \"NAME, ROLE\" and --purpose TEXT: a signature is recorded"
  elif [[ -n "$LICENSE_AS" && "$LICENSE_AS" != *,* ]]; then
    refuse_usage "--accept-as needs a name and a role, such as \"Ada Lovelace, head of the lab\""
  fi
}

plan_first() {
  case $FIRST in
    demo) field demo "start the box, make a key, ask: $QUESTION" ;;
    model) field model "${MODEL:-one to choose}: get it${BUNDLE:+ from $BUNDLE}, run it, make a key, ask it" ;;
  esac
}

choose_port() {
  local word=box
  if [[ $FIRST == demo ]]; then word=demo; fi
  CHOSEN_PORT=$PORT
  if [[ $PORT_STATE != taken ]]; then return; fi
  while (exec 3<>"/dev/tcp/127.0.0.1/$CHOSEN_PORT") 2>/dev/null; do CHOSEN_PORT=$((CHOSEN_PORT + 1)); done
  say "Port $PORT is in use by another program; the $word takes $CHOSEN_PORT."
}

start_on_free_port() {
  local arguments=()
  choose_port
  # Into the settings, so that the box is the same after `carrel down` or a reboot.
  if ((CHOSEN_PORT != PORT)) && [[ -n "${CARREL_PORT:-}" && $UNIT == no ]]; then
    arguments+=(--port "$CHOSEN_PORT")
  elif ((CHOSEN_PORT != PORT)); then
    carrel config set port "$CHOSEN_PORT" >/dev/null
  fi
  start_box "${arguments[@]}" || die "The box did not start." "$(command_name) doctor says what is wrong."
}

demo() {
  say ""
  carrel config set run_demo true >/dev/null
  start_on_free_port
  wait_for_demo
  ask_once "$QUESTION"
}

wait_for_demo() {
  local deadline=$((SECONDS + 180))
  until [[ "$(carrel status --json 2>/dev/null | json_field state 2>/dev/null)" == ready ]]; do
    ((SECONDS < deadline)) || die "The demo model is not ready after 3 minutes." "$(command_name) model list says why."
    sleep 0.2
  done
}

ask_once() { # QUESTION [MODEL]
  local url key answer
  url="$(carrel status --json | json_field url)"
  url="${url%/}" && url="${url%/v1}/v1"
  key="$(carrel key new first --json | json_field key)"
  answer="$(CARREL_API_KEY="$key" carrel ask "$1" ${2:+--model "$2"} --url "$url" --json | json_field answer)" ||
    die "The model did not answer." "$(command_name) model list says why."
  say ""
  field question "$1"
  field answer "$(paint 1 "$answer")"
  field address "$url"
  field key "$key   (shown only now)"
  say ""
  say "Installed, started and asked in $(minutes $SECONDS). Next:"
  say "  export OPENAI_BASE_URL=$url OPENAI_API_KEY=$key"
  say "  $(command_name) tui"
  say "  $(command_name) help first-ten-minutes"
  print_boot
}

# ---- a model of the catalog ------------------------------------------------------------------------------------------

first_model() {
  say ""
  start_on_free_port
  if [[ -z "$MODEL" ]]; then pick_model; fi
  get_model
  in_step fits carrel model fit "$MODEL"
  in_step runs carrel model run "$MODEL"
  wait_until_it_runs
  sign_conduct
  ask_once "$FIRST_QUESTION" "$MODEL"
}

# The first key is of nobody in particular: who runs the box signs for its project. What is missing, the model says.
sign_conduct() {
  local words=(agreement sign --project default --who "${LICENSE_AS%%,*}" --purpose "$LICENSE_PURPOSE")
  if [[ -z "$CONDUCT_HASH" ]]; then return; fi
  in_step signed carrel "${words[@]}" --text "$CONDUCT_HASH"
}

# A command that succeeds has said enough by its progress; one that fails may have its reason in its answer.
telling_failure() { # COMMAND...
  local code=0
  "$@" >"$WORK/answer" || code=$?
  if ((code)); then head -n 20 -- "$WORK/answer" | sed 's/ *$//; s/^/  /' >&2; fi
  return $code
}

in_step() { # WORD COMMAND...; its own words say what to do
  local word="$1" started=$SECONDS code=0
  shift
  telling_failure "$@" || code=$?
  if ((code == 0)); then check OK "$word" "$MODEL: $(minutes $((SECONDS - started)))" && return; fi
  die "$MODEL did not get that far; what stands above says why." \
    "Carrel itself is installed and runs. Mend it, and run the same command again."
}

get_model() {
  local words=(model pull "$MODEL") code=0 authority="${LICENSE_AS#*,}"
  if [[ -n "$BUNDLE" ]]; then words=(bundle install "$BUNDLE" --model "$MODEL"); fi
  if [[ -n "$LICENSE_HASH" ]]; then
    words+=(--accept-license "$LICENSE_HASH" --who "${LICENSE_AS%%,*}" --authority "${authority# }")
    words+=(--purpose "$LICENSE_PURPOSE")
  fi
  if [[ -n "$TRUST_KEY" ]]; then approve_recipe && words+=(--trust-key "$TRUST_KEY"); fi
  telling_failure carrel "${words[@]}" || code=$?
  case $code in
    0) check OK "here" "$MODEL: every file is what its recipe says" ;;
    4) die "$MODEL is not allowed here yet; what stands above says what is missing. Where it is its license," \
      "run this again with --accept-license HASH --accept-as \"NAME, ROLE\" --purpose TEXT." ;;
    3) die "$MODEL cannot be had; what stands above says why. A draft is completed with" \
      "$(command_name) recipe new $MODEL, then $(command_name) recipe approve FILE." ;;
    *) die "$MODEL is not here; what stands above says why." \
      "Carrel itself is installed and runs. Mend it, and run the same command again." ;;
  esac
}

# The service's user may not write into /etc; there it is root who approves, before the box is asked.
approve_recipe() {
  local signer text
  if [[ $UNIT == no || -z "$BUNDLE" ]]; then return; fi
  signer="$(carrel bundle inspect "$BUNDLE" --json | json_field signer)"
  if [[ "$signer" != "$TRUST_KEY" ]]; then return; fi # the box says so
  carrel recipe approve "$BUNDLE/recipes/$MODEL.toml" >/dev/null 2>&1 && return
  for text in "$BUNDLE"/licenses/*.txt; do
    carrel recipe approve "$BUNDLE/recipes/$MODEL.toml" --license-text "$text" >/dev/null 2>&1 && return
  done
  true
}

wait_until_it_runs() {
  local deadline=$((SECONDS + 3600)) state=""
  while ((SECONDS < deadline)); do
    state="$(carrel model show "$MODEL" --json 2>/dev/null | json_field state 2>/dev/null || true)"
    case "$state" in
      ready) return ;;
      failed) break ;;
    esac
    sleep 0.5
  done
  die "$MODEL does not run." "$(command_name) model show $MODEL says why."
}

# Drafts are shown too: whoever looks for one learns what is missing.
pick_model() {
  local ids=() id line number=0 answer=""
  [[ -t 0 ]] || die "--model without a name needs a terminal to ask on." "Name one: --model ID." \
    "$(command_name) model list --all shows what there is."
  say "Models of the catalog:"
  while IFS=$'\t' read -r id line; do
    number=$((number + 1)) ids+=("$id")
    printf '  %3d  %-28s %s\n' "$number" "$id" "$line"
  done < <(list_models)
  read -r -p "Which one? [1-$number] " answer
  if [[ ! "$answer" =~ ^[0-9]{1,4}$ ]] || ((10#$answer < 1 || 10#$answer > number)); then die "None was chosen."; fi
  MODEL="${ids[10#$answer - 1]}"
}

list_models() { # ID<TAB>WORDS
  local id line draft
  carrel model list --all --json | "$PREFIX/venv/bin/python" -c '
import json, sys
def plain(text):
    return "".join(one if one.isprintable() else " " for one in str(text))
for one in json.load(sys.stdin)["models"]:
    if "@" in one["id"] or one.get("leaves_box"):
        continue
    draft = "a draft" in (one.get("reason") or "")
    print(plain(one["id"]), "%6.1f GB, %s" % (one["size_bytes"] / 1e9, plain(one["license"])), draft, sep="\t")
' | while IFS=$'\t' read -r id line draft; do
    if [[ "$draft" == True ]]; then
      line+="; a draft: first complete it with carrel recipe new $id"
    elif carrel model fit "$id" >/dev/null 2>&1; then
      line+="; fits"
    else
      line+="; does not fit"
    fi
    printf '%s\t%s\n' "$id" "$line"
  done
}

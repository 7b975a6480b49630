# Completion of lksctp-journal for bash.

_lksctp_journal() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local commands="tail show timeline export metrics verify stats"
  local names="--peer --endpoint"
  local filters="--kind $names --association --since --until"
  local place="--at --seq --journal"
  local command='' word options
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ " $commands " == *" $word "* ]]; then
      command=$word
      break
    fi
  done
  COMPREPLY=()
  # Values that only the user knows.
  case "$previous" in
    --at | --since | --until)
      mapfile -t COMPREPLY < <(compgen -W "now -10m -1h -1d" -- "$current")
      return
      ;;
    -n | --lines | --seq | --journal | --peer | --endpoint | --association | --kind) return ;;
  esac
  case "$command" in
    tail) options="-f --follow -n --lines $filters" ;;
    show) options="$place --json $names --association" ;;
    timeline) options="--samples --since --until" ;;
    export) options="--json --csv $filters" ;;
    metrics) options="$place --openmetrics $names" ;;
    verify) options="" ;;
    stats) options=$filters ;;
    *)
      mapfile -t COMPREPLY < <(compgen -W "$commands -h --help --version" -- "$current")
      return
      ;;
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options -h --help" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}

complete -o filenames -F _lksctp_journal lksctp-journal

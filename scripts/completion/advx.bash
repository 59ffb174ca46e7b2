# Completion of advx for bash: advx itself says what may follow.
_advx() {
  local cut=${COMP_LINE:0:COMP_POINT} words word offers
  read -ra words <<<"$cut"
  [[ $cut == *[[:space:]] ]] && words+=("")
  COMPREPLY=()
  word=${words[-1]}
  mapfile -t offers < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
  # Bash takes `=` for the end of a word, and replaces only what follows it.
  for word in "${offers[@]}"; do
    [[ ${words[-1]} == *=* ]] && word=${word#*=}
    COMPREPLY+=("$word")
  done
}
complete -o default -F _advx advx

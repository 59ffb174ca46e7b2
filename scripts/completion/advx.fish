# Completion of advx for fish: advx itself says what may follow; else files.
function __advx_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] complete -- $words[2..-1] 2>/dev/null
end
complete -c advx -a '(__advx_complete)'

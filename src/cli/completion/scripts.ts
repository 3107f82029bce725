/** The shells that are completed for. */
export type Shell = 'bash' | 'zsh' | 'fish';

/**
 * The script that a shell reads. Each asks `standbylint complete`, on whose standard input the words are: as arguments, a
 * password that is being typed would be in the list of processes.
 */
export const completionScript = (shell: Shell): string => scripts[shell];

const scripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for standbylint
_standbylint() {
  # readline splits words at = and : too, and the program does not
  local words=() rest=\${COMP_LINE:0:COMP_POINT} word='' at
  for ((at = 0; at <= COMP_CWORD; at++)); do
    local part=\${COMP_WORDS[at]} gap=\${rest%%[![:space:]]*}
    [ "$at" -lt "$COMP_CWORD" ] || part=\${part:0:\${#rest} - \${#gap}}
    if [ -n "$gap" ] && [ "$at" -gt 0 ]; then
      words+=("$word")
      word=''
    fi
    rest=\${rest#"$gap"}
    rest=\${rest#"$part"}
    word+=$part
  done
  words+=("$word")
  local index
  for index in "\${!words[@]}"; do
    # quotes as they are typed; nothing is run
    case \${words[index]} in
      \\'*) words[index]=\${words[index]//\\'/} ;;
      \\"*) words[index]=\${words[index]//\\"/} ;;
      *) words[index]=\${words[index]//\\\\/} ;;
    esac
  done
  local typed=\${words[\${#words[@]} - 1]} paths prefix candidate line
  # what stands before the last = or : is not readline's to replace
  local kept=''
  if [[ $typed == *[=:]* && $COMP_WORDBREAKS == *[=:]* ]]; then kept=\${typed%"\${typed##*[=:]}"}; fi
  COMPREPLY=()
  {
    IFS=$'\\t' read -r paths prefix
    while IFS=$'\\t' read -r candidate line; do COMPREPLY+=("\${candidate#"$kept"}"); done
  } < <(printf '%s\\0' "\${words[@]:1}" | standbylint complete 2>/dev/null)
  [ -n "$paths" ] || return 0
  local value=\${typed#"$prefix"} action=file before=''
  [ "$paths" = files ] || action=directory
  before=\${prefix#"$kept"}
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$before$line"); done < <(compgen -A "$action" -- "$value")
}
complete -F _standbylint standbylint
`,
  zsh: `#compdef standbylint
_standbylint() {
  local -a lines described
  local line paths prefix
  lines=("\${(@f)$(printf '%s\\0' "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" | standbylint complete 2>/dev/null)}")
  paths=\${lines[1]%%$'\\t'*}
  prefix=\${lines[1]#*$'\\t'}
  for line in "\${(@)lines[2,-1]}"; do
    [[ -n $line ]] && described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  local result=1
  (( $#described )) && _describe 'standbylint' described && result=0
  if [[ -n $paths ]]; then
    [[ -n $prefix ]] && compset -P "\${(b)prefix}"
    if [[ $paths == files ]]; then _files && result=0; else _files -/ && result=0; fi
  fi
  return result
}
if [[ \${funcstack[1]} == _standbylint ]]; then _standbylint "$@"; else compdef _standbylint standbylint; fi
`,
  fish: `# fish completion for standbylint
function __standbylint_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l lines (printf '%s\\0' $words[2..-1] $typed | standbylint complete 2>/dev/null)
    set -l first (string split -m 1 \\t -- $lines[1])
    printf '%s\\n' $lines[2..-1]
    test -n "$first[1]"; or return 0
    set -l value (string sub -s (math (string length -- "$first[2]") + 1) -- "$typed")
    if test $first[1] = files
        __fish_complete_path "$value" '' | string replace -r '^' -- "$first[2]"
    else
        __fish_complete_directories "$value" '' | string replace -r '^' -- "$first[2]"
    end
end
complete -c standbylint -f -a '(__standbylint_complete)'
`,
};

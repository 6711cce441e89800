import Latent

/// `latent completions`.
enum CompletionsCommand: Command {
  static let specification = CommandSpecification(
    name: "completions", summary: "Print what a shell needs to complete commands, options, presets, and data sets",
    operands: [("SHELL", "bash, zsh, or fish")],
    example: "latent completions bash")

  static func run(_ arguments: Arguments) throws {
    switch arguments.operand(0) {
    case "bash": try Terminal.write(bash, terminator: "")
    case "zsh": try Terminal.write(zsh, terminator: "")
    case "fish": try Terminal.write(fish, terminator: "")
    default:
      throw LatentError.usage(
        "There are no completions for \(arguments.operand(0) ?? "")", remedy: "Ask for bash, zsh, or fish")
    }
  }

  private static var commands: [CommandSpecification] { LatentProgram.commands.map { $0.specification } }
  private static var presets: String { Preset.all.map(\.name).joined(separator: " ") }

  /// Words that a command's first operand can be, beside files.
  private static func operands(_ command: CommandSpecification) -> String {
    switch command.name {
    case "train", "presets", "profile": presets
    case "data": "list info fetch"
    case "completions": "bash zsh fish"
    default: ""
    }
  }

  private static var bash: String {
    let cases = commands.map { command in
      let options = (command.options.map(\.name) + ["--help"]).joined(separator: " ")
      return "    \(command.name)) words=\"\(options)\"; operands=\"\(operands(command))\" ;;"
    }
    return """
      # Completions of latent for bash: source <(latent completions bash)
      _latent() {
        local current=${COMP_WORDS[COMP_CWORD]} words operands
        if [ "$COMP_CWORD" -eq 1 ]; then
          COMPREPLY=($(compgen -W "\(commands.map(\.name).joined(separator: " ")) --help --version" -- "$current"))
          return
        fi
        case ${COMP_WORDS[1]} in
      \(cases.joined(separator: "\n"))
          *) return ;;
        esac
        case $current in
          -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
          *) COMPREPLY=($(compgen -W "$operands" -- "$current") $(compgen -f -- "$current")) ;;
        esac
      }
      complete -o filenames -F _latent latent

      """
  }

  private static var zsh: String {
    func quoted(_ text: String) -> String {
      text.replacing("'", with: "'\\''").replacing("[", with: "\\[").replacing("]", with: "\\]").replacing(
        ":", with: "\\:")
    }
    let list = commands.map { "    '\($0.name):\(quoted($0.summary))'" }
    let cases = commands.map { command in
      let options = command.options.map { option in
        let repeats = option.repeats ? "*" : ""
        let value = option.value.map { ":\(quoted($0)):_files" } ?? ""
        return "'\(repeats)\(option.name)[\(quoted(option.help))]\(value)'"
      }
      let words = operands(command)
      let rest = words.isEmpty ? "'*:file:_files'" : "'1:word:(\(words))' '*:file:_files'"
      return "    \(command.name)) _arguments \((options + [rest]).joined(separator: " ")) ;;"
    }
    return """
      #compdef latent
      # Completions of latent for zsh: latent completions zsh > a folder of $fpath, as _latent
      _latent() {
        local -a commands
        commands=(
      \(list.joined(separator: "\n"))
        )
        if (( CURRENT == 2 )); then
          _describe command commands
          return
        fi
        local command=$words[2]
        shift words
        (( CURRENT-- ))
        case $command in
      \(cases.joined(separator: "\n"))
        esac
      }
      compdef _latent latent

      """
  }

  private static var fish: String {
    func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "\\'") + "'" }
    var lines = ["# Completions of latent for fish: latent completions fish | source"]
    for command in commands {
      lines.append("complete -c latent -n __fish_use_subcommand -a \(command.name) -d \(quoted(command.summary))")
      let condition = "-n '__fish_seen_subcommand_from \(command.name)'"
      for option in command.options {
        let value = option.value == nil ? "" : " -r"
        lines.append("complete -c latent \(condition) -l \(option.name.dropFirst(2))\(value) -d \(quoted(option.help))")
      }
      let words = operands(command)
      if !words.isEmpty { lines.append("complete -c latent \(condition) -a \(quoted(words))") }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

using System.CommandLine;
using Microtome.Cli;

namespace Microtome.EndToEnd.Tests;

public class HelpTests
{
    public static TheoryData<string> AllCommands()
    {
        var data = new TheoryData<string>();
        foreach (var noun in CommandTable.Nouns)
        {
            if (noun.Single is { } single)
                data.Add(single().Name);
            foreach (var verb in noun.Verbs)
                Add(noun.Name, verb());
        }

        return data;

        // A verb with verbs of its own is no command.
        void Add(string path, Command verb)
        {
            if (verb.Subcommands.Count == 0)
                data.Add($"{path} {verb.Name}");
            foreach (var own in verb.Subcommands)
                Add($"{path} {verb.Name}", own);
        }
    }

    [Theory]
    [MemberData(nameof(AllCommands))]
    public void Help_OfEveryCommand_ExplainsEveryOptionAndArgument(string path)
    {
        var words = path.Split(' ');
        Command command = CommandTable.CreateRoot(words);
        foreach (var word in words)
            command = command.Subcommands.Single(c => c.Name == word);
        Assert.False(string.IsNullOrWhiteSpace(command.Description));
        Assert.All(command.Options, static o => Assert.False(string.IsNullOrWhiteSpace(o.Description), o.Name));
        Assert.All(command.Arguments, static a => Assert.False(string.IsNullOrWhiteSpace(a.Description), a.Name));
        Assert.NotNull(command.Action);
    }

    [Fact]
    public void Help_OfTheRoot_IsAsRecorded()
    {
        var outcome = MicrotomeProgram.Run("--help");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(File.ReadAllText(Path.Combine(MicrotomeProgram.Root, "tests", "Microtome.EndToEnd.Tests", "Expectations", "help.txt")).Trim(), outcome.Out.Trim());
    }

    [Fact]
    public void Table_OfNouns_HasEachNameOnce()
    {
        var names = CommandTable.CreateRoot([]).Subcommands.Select(static c => c.Name).ToList();

        Assert.Equal(names.Distinct(), names);
        Assert.All(CommandTable.Nouns, static n => Assert.Equal(n.Verbs.Select(static v => v().Name).Distinct().Count(), n.Verbs.Count));
    }

    [Fact]
    public void Docs_NameEveryCommand()
    {
        var page = File.ReadAllText(Path.Combine(MicrotomeProgram.Root, "docs", "cli.md"));

        Assert.All(AllCommands(), row => Assert.Contains($"`{row.Data}", page, StringComparison.Ordinal));
    }

    [Fact]
    public void NoArguments_PrintsTheHelp()
    {
        var outcome = MicrotomeProgram.Run();

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("Commands:", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(outcome.Out);
    }

    [Fact]
    public void Version_IsPrintedAlone()
    {
        var outcome = MicrotomeProgram.Run("--version");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", outcome.Out);
    }
}

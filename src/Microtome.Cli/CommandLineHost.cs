using System.CommandLine;

namespace Microtome.Cli;

internal static class CommandLineHost
{
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Microtome: from a whole-slide image to answers.");
        return root.Parse(args).InvokeAsync();
    }
}

using System.Globalization;

namespace Microtome.Torch;

/// <summary>
/// Where the processes of a group meet and which of them this one is, as launchers say it: RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT
/// (torchrun's names) win; without them Slurm's and Open MPI's variables are read.
/// </summary>
/// <param name="Rank">This process, from 0.</param>
/// <param name="WorldSize">Number of processes.</param>
/// <param name="LocalRank">This process among those of its machine: which GPU to take.</param>
/// <param name="Address">Host of rank 0.</param>
/// <param name="Port">TCP port that rank 0 listens on.</param>
public sealed record Rendezvous(int Rank, int WorldSize, int LocalRank, string Address, int Port)
{
    /// <summary>The port when nobody names one (PyTorch's choice).</summary>
    public const int DefaultPort = 29500;

    private static readonly (string Rank, string Size, string LocalRank)[] launchers =
    [
        ("RANK", "WORLD_SIZE", "LOCAL_RANK"),
        ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"),
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"),
    ];

    /// <summary>True if a launcher started this process as one of several.</summary>
    public static bool InEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        return launchers.Any(l => variable(l.Rank) is { Length: > 0 } && variable(l.Size) is { Length: > 0 });
    }

    /// <summary>Reads the environment.</summary>
    /// <exception cref="ArgumentException">A variable is missing or is not a number in range; the message names it.</exception>
    public static Rendezvous FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        foreach (var launcher in launchers)
        {
            if (variable(launcher.Rank) is not { Length: > 0 } || variable(launcher.Size) is not { Length: > 0 })
                continue;
            var size = Number(variable, launcher.Size, 1, int.MaxValue);
            var rank = Number(variable, launcher.Rank, 0, size - 1);
            var local = variable(launcher.LocalRank) is { Length: > 0 } ? Number(variable, launcher.LocalRank, 0, int.MaxValue) : 0;
            return new Rendezvous(rank, size, local, AddressOf(variable, size), PortOf(variable));
        }
        throw new ArgumentException("No launcher told this process its place in a group: set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, or start it with srun or mpirun.");
    }

    private static int Number(Func<string, string?> variable, string name, int least, int most)
    {
        var text = variable(name);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        var range = most == int.MaxValue ? $"a whole number of at least {least}" : $"a whole number from {least} to {most}";
        throw new ArgumentException($"The environment variable {name} is '{text}', but must be {range}.");
    }

    private static string AddressOf(Func<string, string?> variable, int size)
    {
        if (variable("MASTER_ADDR") is { Length: > 0 } address)
            return address;
        if ((variable("SLURM_STEP_NODELIST") ?? variable("SLURM_JOB_NODELIST") ?? variable("SLURM_NODELIST")) is { Length: > 0 } nodes)
            return FirstHost(nodes);
        var oneMachine = size == 1 || string.Equals(variable("OMPI_COMM_WORLD_LOCAL_SIZE"), size.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return oneMachine ? "127.0.0.1"
            : throw new ArgumentException("The environment variable MASTER_ADDR is missing: name the host of rank 0 (127.0.0.1 when all processes are on one machine).");
    }

    private static int PortOf(Func<string, string?> variable)
    {
        if (variable("MASTER_PORT") is { Length: > 0 })
            return Number(variable, "MASTER_PORT", 1, 65535);
        // two jobs on one node must not meet each other
        if (long.TryParse(variable("SLURM_JOB_ID"), NumberStyles.None, CultureInfo.InvariantCulture, out var job))
            return 20000 + (int)(job % 10000);
        return DefaultPort;
    }

    /// <summary>The first host of a Slurm node list: "gpu[03-05,9],cpu1" begins with gpu03.</summary>
    internal static string FirstHost(string nodes)
    {
        var open = nodes.IndexOf('[', StringComparison.Ordinal);
        var comma = nodes.IndexOf(',', StringComparison.Ordinal);
        if (open < 0 || (comma >= 0 && comma < open))
            return comma < 0 ? nodes : nodes[..comma];
        var close = nodes.IndexOf(']', open);
        if (close < 0)
            throw new ArgumentException($"The Slurm node list '{nodes}' has no closing bracket.");
        var first = nodes[(open + 1)..close].Split(',', '-')[0];
        var rest = nodes[(close + 1)..];
        comma = rest.IndexOf(',', StringComparison.Ordinal);
        return FirstHost(nodes[..open] + first + (comma < 0 ? rest : rest[..comma]));
    }
}

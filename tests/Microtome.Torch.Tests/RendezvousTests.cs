namespace Microtome.Torch.Tests;

public class RendezvousTests
{
    private static Rendezvous Read(params (string, string)[] variables) => Rendezvous.FromEnvironment(Lookup(variables));

    private static Func<string, string?> Lookup((string Name, string Value)[] variables) => name => variables.FirstOrDefault(v => v.Name == name).Value;

    [Fact]
    public void FromEnvironment_TorchrunNames_WinOverSlurm() =>
        Assert.Equal(new Rendezvous(1, 4, 1, "gpu07", 1234),
            Read(("RANK", "1"), ("WORLD_SIZE", "4"), ("LOCAL_RANK", "1"), ("MASTER_ADDR", "gpu07"), ("MASTER_PORT", "1234"), ("SLURM_PROCID", "0"), ("SLURM_NTASKS", "2")));

    [Fact]
    public void FromEnvironment_Slurm_TakesFirstNodeAndPortOfTheJob() =>
        Assert.Equal(new Rendezvous(3, 8, 1, "gpu03", 21234),
            Read(("SLURM_PROCID", "3"), ("SLURM_NTASKS", "8"), ("SLURM_LOCALID", "1"), ("SLURM_STEP_NODELIST", "gpu[03-05,9],cpu1"), ("SLURM_JOB_ID", "871234")));

    [Fact]
    public void FromEnvironment_OpenMpiOnOneMachine_MeetsOnLoopback() =>
        Assert.Equal(new Rendezvous(1, 2, 1, "127.0.0.1", Rendezvous.DefaultPort),
            Read(("OMPI_COMM_WORLD_RANK", "1"), ("OMPI_COMM_WORLD_SIZE", "2"), ("OMPI_COMM_WORLD_LOCAL_RANK", "1"), ("OMPI_COMM_WORLD_LOCAL_SIZE", "2")));

    [Theory]
    [InlineData("node7", "node7")]
    [InlineData("node7,node9", "node7")]
    [InlineData("node[07-12]", "node07")]
    [InlineData("a,node[1-2]", "a")]
    [InlineData("rack[2,5]n[10-11].cluster", "rack2n10.cluster")]
    public void FirstHost_NodeList_IsTheFirst(string list, string expected) => Assert.Equal(expected, Rendezvous.FirstHost(list));

    [Theory]
    [InlineData("RANK", "4", "WORLD_SIZE", "4", "RANK")]
    [InlineData("RANK", "-1", "WORLD_SIZE", "4", "RANK")]
    [InlineData("RANK", "0", "WORLD_SIZE", "none", "WORLD_SIZE")]
    [InlineData("RANK", "0", "WORLD_SIZE", "4", "MASTER_ADDR")]
    public void FromEnvironment_WrongValue_NamesTheVariable(string a, string va, string b, string vb, string blamed) =>
        Assert.Contains(blamed, Assert.Throws<ArgumentException>(() => Read((a, va), (b, vb))).Message, StringComparison.Ordinal);

    [Fact]
    public void FromEnvironment_Nothing_SaysWhatToSet()
    {
        Assert.False(Rendezvous.InEnvironment(_ => null));
        Assert.Contains("srun", Assert.Throws<ArgumentException>(() => Read()).Message, StringComparison.Ordinal);
    }
}

using Microtome.Torch;
using Microtome.Torch.Worker;
using static Microtome.Torch.torch;

// Worker SCENARIO: takes part in a group described by the environment. Exit code 0: every value was as computed by hand.
set_num_threads(1);
try
{
    switch (args)
    {
        case ["collectives"]:
            distributed.init_process_group("gloo", timeout: TimeSpan.FromSeconds(60));
            Collectives.Run();
            break;
        case ["gradients"]:
            distributed.init_process_group("gloo", timeout: TimeSpan.FromSeconds(60));
            Gradients.Run();
            break;
        case ["alone"]:
            distributed.init_process_group("gloo", timeout: TimeSpan.FromSeconds(1));
            break;
        default:
            throw new ArgumentException("scenarios: collectives, gradients, alone");
    }
    distributed.destroy_process_group();
    Console.WriteLine("done");
    return 0;
}
catch (TorchException e)
{
    Console.Error.WriteLine("refused: " + e.Message);
    return 4;
}
catch (InvalidOperationException e)
{
    Console.Error.WriteLine("wrong: " + e.Message);
    return 1;
}

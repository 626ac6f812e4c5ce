using static Microtome.Torch.torch;

namespace Microtome.Torch.Worker;

/// <summary>Data parallel: the mean of the parts' gradients is the gradient of the whole batch.</summary>
internal static class Gradients
{
    public static void Run()
    {
        using var scope = NewDisposeScope();
        int rank = distributed.get_rank(), size = distributed.get_world_size();
        manual_seed(5);
        var x = randn([4 * size, 3], float64);
        var y = randn([4 * size, 2], float64);
        Tensor first = randn([3, 6], float64), second = randn([6, 2], float64), unused = ones([2, 2], float64);

        var whole = Parameters();
        Loss(x, whole).backward();

        var part = Parameters();
        Loss(x.narrow(0, 4 * rank, 4), part, rank).backward();
        if (part[0].grad!.allclose(whole[0].grad!))
            throw new InvalidOperationException("the parts' gradients do not differ: the check would prove nothing");
        distributed.average_gradients(part);
        for (var i = 0; i < 2; i++)
            Collectives.Check(part[i].grad!, whole[i].grad!.data<double>(), 1e-12);
        Collectives.Check(part[2].grad!, [0, 0, 0, 0]);

        Tensor[] Parameters() => [first.clone().requires_grad_(), second.clone().requires_grad_(), unused.clone().requires_grad_()];

        Tensor Loss(Tensor input, Tensor[] w, int part = -1)
        {
            var target = part < 0 ? y : y.narrow(0, 4 * part, 4);
            return (input.matmul(w[0]).tanh().matmul(w[1]) - target).square().mean();
        }
    }
}

package io.lethean.lem.evaluation.run;

import io.lethean.lem.model.GenerationListener;
import io.lethean.lem.model.GenerationOutcome;
import io.lethean.lem.model.GenerationRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Answers as {@link FakeModel} does, several at a time, and ends them in an order of its own. */
public class SideBySideModel extends FakeModel {

    private final int parallel;
    private final Random random = new Random(4);

    public SideBySideModel(int parallel) {
        this.parallel = parallel;
    }

    @Override
    public void chatAll(List<GenerationRequest.Chat> requests, GenerationListener listener) {
        if (parallel == 1) {
            super.chatAll(requests, listener);
            return;
        }
        List<Integer> waiting = new ArrayList<>();
        for (int index = 0; index < requests.size(); index++) {
            waiting.add(index);
        }
        Collections.shuffle(waiting, random);
        List<Integer> running = new ArrayList<>();
        while (!waiting.isEmpty() || !running.isEmpty()) {
            while (running.size() < parallel && !waiting.isEmpty()) {
                running.add(waiting.removeLast());
                listener.started(running.getLast());
            }
            int ended = running.remove(random.nextInt(running.size()));
            GenerationRequest.Chat request = requests.get(ended);
            listener.finished(ended, new GenerationOutcome.Answered(chat(request.messages(), request.options())));
        }
    }
}

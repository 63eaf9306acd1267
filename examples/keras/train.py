"""A Keras model over small images, in both of Keras's file formats. Run: python train.py FOLDER"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np


def images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Stripes across (0) or down (1), with noise; shape (count, 12, 12, 1)."""
    draw = np.random.default_rng(7)
    truth = draw.integers(0, 2, count)
    wave = np.sin(np.arange(12)[None, :] + draw.uniform(0, 6, (count, 1)))
    down = np.broadcast_to(wave[:, None, :], (count, 12, 12))
    made = np.where(truth[:, None, None] == 1, down, down.transpose(0, 2, 1))
    noisy = made + draw.normal(0, 0.5, made.shape)
    return np.round(noisy, 3).astype(np.float32)[..., None], truth


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    keras.utils.set_random_seed(7)
    pictures, truth = images(300)
    model = keras.Sequential(
        [
            keras.layers.Input((12, 12, 1), name="image"),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy")
    model.optimizer.learning_rate = 0.02
    model.fit(pictures, truth, epochs=4, batch_size=50, verbose=0)
    model.save(folder / "stripes.keras")
    model.save(folder / "stripes.h5")
    np.savez(folder / "stripes.npz", image=pictures)
    second = model.predict(pictures, verbose=0)[:, 0].astype(float)
    answers = np.stack([1 - second, second], axis=1).tolist()
    (folder / "stripes.answers.json").write_text(json.dumps(answers))
